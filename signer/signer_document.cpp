#include "signer/signer_document.hpp"

#include <algorithm>

#include "engine/duration.hpp"
#include "engine/json_reader.hpp"
#include "signer/openssl.hpp"
#include "signer/signer_fields.hpp"
#include "signer/spec_visitors.hpp"

namespace csrflow::signer {
namespace {

using engine::Duration;
using engine::FieldDescription;
using engine::FieldProblems;
using engine::JsonReader;

constexpr std::size_t max_document = 256 * 1024;
constexpr Duration least_lifetime = engine::seconds(60), most_lifetime = engine::seconds(876'000LL * 3600);

const Texts tls_usages{"client auth", "digital signature", "key encipherment", "server auth", "signing"};
constexpr Duration usual_lifetime = engine::seconds(90 * 86'400), usual_max = engine::seconds(365 * 86'400),
                   usual_backdate = engine::seconds(60);

template <std::size_t Size>
Texts sorted(const std::string_view (&words)[Size]) {
  Texts texts(std::begin(words), std::end(words));
  std::ranges::sort(texts);
  return texts;
}

void check(const WrittenSpec& written, const SignerSpec& spec, FieldProblems& problems) {
  if (written.permitted_usages && written.permitted_usages->empty())
    problems.push_back({"spec.usages.permitted", "must not be empty: no request could be signed"});
  const auto check_lifetime = [&](const char* path, Duration lifetime) {
    if (lifetime < least_lifetime || lifetime > most_lifetime)
      problems.push_back({path, "must be from " + engine::duration_text(least_lifetime) + " to " +
                                    engine::duration_text(most_lifetime)});
  };
  check_lifetime("spec.lifetime.max", spec.max_lifetime);
  if (written.default_lifetime) check_lifetime("spec.lifetime.default", spec.default_lifetime);
  if (spec.default_lifetime > spec.max_lifetime)
    problems.push_back({"spec.lifetime.default", engine::duration_text(spec.default_lifetime) +
                                                     " is longer than spec.lifetime.max, " +
                                                     engine::duration_text(spec.max_lifetime)});
  if (written.backdate && spec.backdate.microseconds > spec.max_lifetime.microseconds / backdate_share)
    problems.push_back({"spec.backdate", engine::duration_text(spec.backdate) +
                                             " is more than a tenth of spec.lifetime.max, " +
                                             engine::duration_text(spec.max_lifetime)});
}

NameSet name_set(const WrittenSpec::NameSet& written) {
  NameSet set{
      written.dns.value_or(Texts{}), {}, written.email.value_or(Texts{}), written.uri.value_or(Texts{})};
  for (const std::string& text : written.ip.value_or(Texts{}))
    if (auto range = engine::IpRange::parse(text)) set.ip.push_back(std::move(*range));
  return set;
}

/// A kind that is not written is taken, unless another is written true.
SignerSpec::Names names(const WrittenSpec& w) {
  const bool unwritten =
      !(w.dns.value_or(false) || w.ip.value_or(false) || w.email.value_or(false) || w.uri.value_or(false));
  return {.dns = w.dns.value_or(unwritten),
          .ip = w.ip.value_or(unwritten),
          .email = w.email.value_or(unwritten),
          .uri = w.uri.value_or(unwritten),
          .permitted = name_set(w.permitted),
          .excluded = name_set(w.excluded)};
}

SignerSpec with_defaults(const WrittenSpec& w) {
  SignerSpec spec{.usages = {w.permitted_usages.value_or(tls_usages), w.added_usages.value_or(Texts{})},
                  .subject = w.subject == "drop" ? SubjectRule::drop : SubjectRule::request,
                  .names = names(w)};
  for (const std::string& name : w.algorithms.value_or(sorted(algorithm_words))) {
    const auto word = std::ranges::find(algorithm_words, std::string_view(name));
    if (word != std::end(algorithm_words))
      spec.keys.algorithms.push_back(static_cast<KeyAlgorithm>(word - std::begin(algorithm_words)));
  }
  spec.keys.min_rsa = w.min_rsa.value_or(least_rsa);
  spec.keys.curves = w.curves.value_or(sorted(curve_words));
  spec.max_lifetime = w.max_lifetime.value_or(std::max(usual_max, w.default_lifetime.value_or(usual_max)));
  spec.default_lifetime = w.default_lifetime.value_or(std::min(usual_lifetime, spec.max_lifetime));
  spec.backdate = w.backdate.value_or(
      std::min(usual_backdate, engine::seconds(spec.max_lifetime.microseconds / 1'000'000 / backdate_share)));
  spec.extensions = w.extensions.value_or(Texts{});
  spec.separate_from_requester = w.separate_from_requester.value_or(true);
  spec.pending_timeout = w.pending_timeout;
  return spec;
}

WrittenSpec::NameSet written(const NameSet& set) {
  Texts ranges;
  for (const engine::IpRange& range : set.ip) ranges.push_back(range.text());
  return {set.dns, std::move(ranges), set.email, set.uri};
}

WrittenSpec written(const SignerSpec& spec) {
  WrittenSpec w;
  w.permitted_usages = spec.usages.permitted;
  w.added_usages = spec.usages.added;
  w.subject = subject_words[static_cast<std::size_t>(spec.subject)];
  w.dns = spec.names.dns;
  w.ip = spec.names.ip;
  w.email = spec.names.email;
  w.uri = spec.names.uri;
  w.permitted = written(spec.names.permitted);
  w.excluded = written(spec.names.excluded);
  w.algorithms.emplace();
  for (const KeyAlgorithm algorithm : spec.keys.algorithms) w.algorithms->emplace_back(name_of(algorithm));
  w.min_rsa = spec.keys.min_rsa;
  w.curves = spec.keys.curves;
  w.default_lifetime = spec.default_lifetime;
  w.max_lifetime = spec.max_lifetime;
  w.backdate = spec.backdate;
  w.extensions = spec.extensions;
  w.separate_from_requester = spec.separate_from_requester;
  w.pending_timeout = spec.pending_timeout;
  return w;
}

std::expected<SignerSpec, FieldProblems> read(const std::string& json) {
  FieldProblems problems;
  WrittenSpec w;
  FieldReader fields(problems, "spec", json);
  visit_fields(fields, w);
  fields.finish();
  if (!problems.empty()) return std::unexpected(std::move(problems));
  SignerSpec spec = with_defaults(w);
  check(w, spec, problems);
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return spec;
}

/// The text is no JSON, or too long.
template <class Read>
std::expected<SignerSpec, FieldProblems> guarded(std::string_view json, const char* path, Read read) {
  if (json.size() > max_document)
    return std::unexpected(
        FieldProblems{{path, "is longer than " + std::to_string(max_document) + " bytes"}});
  try {
    return read(std::string(json));
  } catch (const engine::MalformedJson& error) {
    return std::unexpected(FieldProblems{{path, error.what()}});
  }
}

}  // namespace

std::string_view name_of(KeyAlgorithm algorithm) {
  return algorithm_words[static_cast<std::size_t>(algorithm)];
}

std::expected<SignerSpec, FieldProblems> read_signer_spec(std::string_view json) {
  return guarded(json, "spec", [](const std::string& text) { return read(text); });
}

std::expected<SignerSpec, FieldProblems> read_signer_body(std::string_view json) {
  return guarded(json, "", [](const std::string& text) -> std::expected<SignerSpec, FieldProblems> {
    FieldProblems problems;
    std::optional<std::string> spec;
    JsonReader reader(text);
    reader.object([&](std::string_view key) {
      if (key == "spec") {
        spec = reader.raw();
      } else {
        problems.push_back({std::string(key), "is no field of a Signer; the nearest is spec"});
      }
    });
    if (!spec) problems.push_back({"spec", "is missing; an empty one takes all defaults"});
    auto made = spec ? read(*spec) : std::unexpected(FieldProblems{});
    if (!made) problems.insert(problems.end(), made.error().begin(), made.error().end());
    if (!problems.empty()) return std::unexpected(std::move(problems));
    return made;
  });
}

std::string canonical_json(const SignerSpec& spec) {
  FieldWriter writer;
  WrittenSpec w = written(spec);
  visit_fields(writer, w);
  return writer.json();
}

std::string hash_of(const SignerSpec& spec) {
  return engine::to_hex(sha256(canonical_json(spec)));
}

std::vector<FieldDescription> describe_signer_spec() {
  FieldDescriber describer;
  WrittenSpec w;
  visit_fields(describer, w);
  return std::move(describer.fields);
}

Duration resolved_lifetime(const SignerSpec& spec, std::optional<std::int32_t> expiration_seconds) {
  const Duration asked = expiration_seconds ? engine::seconds(*expiration_seconds) : spec.default_lifetime;
  return std::min(asked, spec.max_lifetime);
}

}  // namespace csrflow::signer
