#include "signer/built_in_signers.hpp"

#include "engine/duration.hpp"
#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"
#include "signer/signer_document.hpp"
#include "signer/signer_name.hpp"
#include "signer/usages.hpp"
#include "signer/verify.hpp"

namespace csrflow::signer {
namespace {

using Texts = std::vector<std::string>;

struct Demands {
  std::string_view signer;
  Texts usages;
  bool dns, ip, email, uri;
};

std::vector<Demands> demands() {
  const auto all = usage_names();
  return {{"kubernetes.io/kube-apiserver-client",
           {"client auth", "digital signature", "key encipherment"},
           true,
           true,
           true,
           true},
          {"kubernetes.io/kube-apiserver-client-kubelet",
           {"client auth", "digital signature", "key encipherment"},
           false,
           false,
           false,
           false},
          {"kubernetes.io/kubelet-serving",
           {"digital signature", "key encipherment", "server auth"},
           true,
           true,
           false,
           false},
          {"kubernetes.io/legacy-unknown", Texts(all.begin(), all.end()), true, true, true, true}};
}

std::string spec_json(const Demands& signer, engine::Duration maximum) {
  std::string out;
  {
    engine::JsonObject spec(out);
    {
      engine::JsonObject usages(spec.key("usages"));
      usages.texts("permitted", signer.usages);
    }
    spec.text("subject", "request");
    {
      engine::JsonObject names(spec.key("names"));
      names.boolean("dns", signer.dns);
      names.boolean("ip", signer.ip);
      names.boolean("email", signer.email);
      names.boolean("uri", signer.uri);
    }
    {
      engine::JsonObject keys(spec.key("keys"));
      keys.texts("algorithms", Texts{"RSA", "ECDSA", "Ed25519"});
      keys.number("minRSA", min_rsa_bits);
      keys.texts("curves", Texts{"P-256", "P-384", "P-521"});
    }
    {
      engine::JsonObject lifetime(spec.key("lifetime"));
      lifetime.text("default", engine::duration_text(maximum));
      lifetime.text("max", engine::duration_text(maximum));
    }
    spec.text("backdate", engine::duration_text(backdating));
    engine::JsonObject review(spec.key("review"));
    review.boolean("separateFromRequester", false);
  }
  return out;
}

engine::Duration duration_in(engine::JsonReader& json) {
  const auto duration = engine::parse_duration(json.text());
  if (!duration) json.fail(duration.error());
  return *duration;
}

/// Of what spec_json writes.
std::optional<engine::Duration> published_lifetime(std::string_view body_json) try {
  engine::Duration longest, backdate;
  engine::JsonReader body(body_json);
  body.object([&](std::string_view member) {
    if (member != "spec") return;
    body.object([&](std::string_view field) {
      if (field == "backdate") backdate = duration_in(body);
      if (field != "lifetime") return;
      body.object([&](std::string_view bound) {
        if (bound == "max") longest = duration_in(body);
      });
    });
  });
  return longest + backdate;
} catch (const engine::MalformedJson&) {
  return std::nullopt;
}

}  // namespace

std::vector<BuiltInSigner> built_in_signers(const SigningDurations& durations) {
  std::vector<BuiltInSigner> signers;
  for (const Demands& one : demands()) {
    engine::SignerName name{std::string(one.signer)};
    const Profile* profile = built_in_profile(name);
    if (profile == nullptr) throw std::logic_error(name.text + " has no profile");
    std::string json = spec_json(one, durations.maximum(name));
    signers.push_back(
        {std::move(name), std::move(json), std::string(profile->rules), profile_hash(describe(*profile))});
  }
  return signers;
}

std::optional<engine::Duration> longest_lifetime(std::string_view object_name, std::string_view body_json) {
  if (const auto name = signer_of_object(object_name); name && built_in_profile(*name))
    return published_lifetime(body_json);
  const auto spec = read_signer_body(body_json);
  if (!spec) return std::nullopt;
  return spec->max_lifetime + spec->backdate;
}

}  // namespace csrflow::signer
