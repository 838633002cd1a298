#include "engine/same_request.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/duration.hpp"
#include "engine/email_name.hpp"
#include "engine/ip_address.hpp"
#include "engine/uri_name.hpp"

namespace csrflow::engine {
namespace {

constexpr std::string_view subject_alternative_name = "2.5.29.17";
/// So many of a list are named, the others counted.
constexpr std::size_t most_named = 3;
constexpr std::size_t longest_shown = 256;  // bytes
using Texts = std::set<std::string>;

std::string shown(const std::string& text) {
  return text.size() <= longest_shown ? text : "a text of " + std::to_string(text.size()) + " bytes";
}

std::string listed(const std::vector<std::string>& texts) {
  std::string list;
  for (std::size_t i = 0; i < std::min(texts.size(), most_named); ++i)
    list += (i == 0 ? "" : ", ") + shown(texts[i]);
  if (texts.size() > most_named) list += " and " + std::to_string(texts.size() - most_named) + " more";
  return list;
}

/// `the names differ: new dns b.example.com; missing dns a.example.com`; empty: they are equal.
std::string sets_differ(const std::string& what, const Texts& before, const Texts& after) {
  std::vector<std::string> added, missing;
  std::ranges::set_difference(after, before, std::back_inserter(added));
  std::ranges::set_difference(before, after, std::back_inserter(missing));
  if (added.empty() && missing.empty()) return "";
  std::string text = what + " differ:";
  if (!added.empty()) text += " new " + listed(added) + (missing.empty() ? "" : ";");
  if (!missing.empty()) text += " missing " + listed(missing);
  return text;
}

std::string signer_differs(const ComparedRequest& p, const ComparedRequest& s) {
  if (p.spec.signer_name == s.spec.signer_name) return "";
  return "the signer is " + s.spec.signer_name.text + " instead of " + p.spec.signer_name.text;
}

std::string usages_differ(const ComparedRequest& p, const ComparedRequest& s) {
  const auto usages = [](const ComparedRequest& r) {
    return Texts(r.spec.usages.begin(), r.spec.usages.end());
  };
  return sets_differ("the usages", usages(p), usages(s));
}

std::string lifetime_differs(const ComparedRequest& p, const ComparedRequest& s,
                             const std::optional<Duration>& by_default) {
  const auto lifetime = [&](const ComparedRequest& r) {
    return r.spec.expiration_seconds ? std::optional(seconds(*r.spec.expiration_seconds)) : by_default;
  };
  const auto text = [](const std::optional<Duration>& d) {
    return d ? duration_text(*d) : "the signer's default";
  };
  if (lifetime(p) == lifetime(s)) return "";
  return "the lifetime is " + text(lifetime(s)) + " instead of " + text(lifetime(p));
}

std::string subject_differs(const ComparedRequest& p, const ComparedRequest& s) {
  if (p.encoding.subject == s.encoding.subject) return "";
  const auto& before = p.description.subject;
  const auto& after = s.description.subject;
  if (before.size() != after.size())
    return "the subject has " + std::to_string(after.size()) + " attributes instead of " +
           std::to_string(before.size());
  const auto [b, a] = std::ranges::mismatch(before, after);
  if (b == before.end()) return "the subject is encoded in another way: build it as the predecessor's";
  return "the subject has " + a->oid + '=' + shown(a->value) + " instead of " + b->oid + '=' +
         shown(b->value);
}

/// The name in normal form; one that has none is compared as it is written.
std::string normal(const RequestDescription::Name& name) {
  std::expected<std::string, std::string> text = name.value;
  if (name.kind == "dns") text = canonical_dns(name.value, lenient_dns);
  if (name.kind == "email") text = canonical_email(name.value);
  if (name.kind == "uri") text = canonical_uri(name.value);
  if (name.kind == "ip") {
    if (const auto address = IpAddress::parse(name.value)) text = address->text();
  }
  return name.kind + ' ' + text.value_or(name.value);
}

/// Of these kinds the description has what a person should see, which is not all of it.
bool has_opaque_names(const RequestDescription& description) {
  constexpr std::array<std::string_view, 4> clear{"dns", "ip", "email", "uri"};
  return std::ranges::any_of(description.names, [&](const RequestDescription::Name& name) {
    return std::ranges::find(clear, name.kind) == clear.end();
  });
}

using Extensions = std::set<RequestEncoding::Extension>;
Extensions extensions(const ComparedRequest& r, bool of_names) {
  Extensions found;
  for (const auto& extension : r.encoding.extensions) {
    if ((extension.oid == subject_alternative_name) == of_names) found.insert(extension);
  }
  return found;
}

std::string names_differ(const ComparedRequest& p, const ComparedRequest& s) {
  const auto names = [](const ComparedRequest& r) {
    Texts found;
    for (const auto& name : r.description.names) found.insert(normal(name));
    return found;
  };
  if (auto differ = sets_differ("the names", names(p), names(s)); !differ.empty()) return differ;
  if (!has_opaque_names(s.description) || extensions(p, true) == extensions(s, true)) return "";
  return "the names are encoded in another way, which for names of their kinds may be a difference: build "
         "them "
         "as the predecessor's";
}

std::string extensions_differ(const ComparedRequest& p, const ComparedRequest& s) {
  const Extensions before = extensions(p, false), after = extensions(s, false);
  if (before == after) return "";
  const auto oids = [](const Extensions& all) {
    Texts found;
    for (const auto& extension : all) found.insert(extension.oid);
    return found;
  };
  if (auto differ = sets_differ("the extensions", oids(before), oids(after)); !differ.empty()) return differ;
  std::vector<RequestEncoding::Extension> changed;
  std::ranges::set_symmetric_difference(before, after, std::back_inserter(changed));
  return "the extension " + changed.front().oid + " has another value, or is critical in one only";
}

/// Bits of security (NIST SP 800-57 part 1 revision 5, table 2; RFC 8032); 0: not known.
std::uint32_t strength(const RequestDescription::Key& key) {
  struct Known {
    std::string_view word;
    std::uint32_t bits;
  };
  constexpr std::array<Known, 5> curves{
      Known{"P-256", 128}, {"P-384", 192}, {"P-521", 256}, {"Ed25519", 128}, {"Ed448", 224}};
  constexpr std::array<std::array<std::uint32_t, 2>, 4> moduli{
      {{15'360, 256}, {7'680, 192}, {3'072, 128}, {2'048, 112}}};
  if (key.algorithm == "RSA") {
    for (const auto [bits, security] : moduli) {
      if (key.bits >= bits) return security;
    }
    return 0;
  }
  const auto* const known = std::ranges::find(curves, key_word(key), &Known::word);
  return known == curves.end() ? 0 : known->bits;
}

std::string key_differs(const ComparedRequest& p, const ComparedRequest& s, const SameRequestTerms& terms) {
  if (terms.mode == RotationMode::renew)
    return p.spec.request == s.spec.request
               ? ""
               : "the request is not the predecessor's, byte for byte: a renewal repeats it";
  const auto& before = p.description.key;
  const auto& after = s.description.key;
  if (key_word(before) == key_word(after)) return "";
  const std::string changed = "the key is " + key_word(after) + " instead of " + key_word(before);
  if (std::ranges::find(terms.key_upgrade, key_word(after)) == terms.key_upgrade.end())
    return changed + ", and the policy's keyUpgrade does not name it";
  if (strength(after) < strength(before)) return changed + ", which is weaker";
  return "";
}

}  // namespace

std::string key_word(const RequestDescription::Key& key) {
  if (key.algorithm == "RSA") return "RSA-" + std::to_string(key.bits);
  return key.curve.empty() ? key.algorithm : key.curve;
}

std::string difference_of(const ComparedRequest& predecessor, const ComparedRequest& successor,
                          const SameRequestTerms& terms) {
  std::string differs = signer_differs(predecessor, successor);
  if (differs.empty()) differs = usages_differ(predecessor, successor);
  if (differs.empty()) differs = lifetime_differs(predecessor, successor, terms.default_lifetime);
  if (differs.empty()) differs = subject_differs(predecessor, successor);
  if (differs.empty()) differs = names_differ(predecessor, successor);
  if (differs.empty()) differs = extensions_differ(predecessor, successor);
  if (differs.empty()) differs = key_differs(predecessor, successor, terms);
  return differs;
}

}  // namespace csrflow::engine
