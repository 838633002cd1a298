#include "signer/request_checks.hpp"

#include <openssl/objects.h>

#include <algorithm>
#include <set>

#include "signer/asn1.hpp"
#include "signer/der.hpp"
#include "signer/key_weakness.hpp"
#include "signer/name_constraints.hpp"
#include "signer/own_subject.hpp"
#include "signer/usage_rules.hpp"

namespace csrflow::signer {
namespace {

using engine::FieldProblems;
using Sentence = std::optional<std::string>;

// ---- refusals ---------------------------------------------------------------------------------------------

/// Gathers what is wrong with spec.request.
class Faults {
 public:
  void add(Sentence text) {
    if (text) problems_.push_back({std::string(request_path), std::move(*text)});
  }
  FieldProblems release() { return std::move(problems_); }

 private:
  FieldProblems problems_;
};

void check_attributes(Faults& faults, const RequestParts& parts) {
  const std::string challenge_password = "1.2.840.113549.1.9.7";
  std::set<std::string> seen;
  for (std::size_t i = 0; i < parts.attributes.size(); ++i) {
    const std::string& oid = parts.attributes[i];
    if (oid == challenge_password) {
      faults.add("remove the challenge password: requests are kept for ever and read by many");
    } else if (!seen.insert(oid).second) {
      faults.add("attribute " + oid + " appears twice");
    } else if (parts.attribute_values[i] != 1) {
      faults.add("attribute " + oid + " has " + std::to_string(parts.attribute_values[i]) +
                 " values, must have one");
    }
  }
}

void check_signature(Faults& faults, const RequestParts& parts) {
  if (parts.signature_nid == NID_sha1WithRSAEncryption || parts.signature_nid == NID_ecdsa_with_SHA1)
    faults.add("signed with SHA-1; use SHA-256");
}

void check_key(Faults& faults, const SignerProfile& profile, const OwnRequest& own,
               const ReservedKeys& reserved) {
  const RequestParts::Key& key = own.parts.key;
  if (std::ranges::find(reserved, own.request.spki) != reserved.end())
    faults.add("the key is one of csrflow's own; make another");
  if (key.algorithm == "RSA" && key.bits < profile.spec.keys.min_rsa)
    return faults.add("an RSA key of " + std::to_string(key.bits) + " bits; signer " + profile.name.text +
                      " takes at least " + std::to_string(profile.spec.keys.min_rsa));
  faults.add(weakness(key));
}

/// Kinds that are no names of anybody's: RFC 5280 defines them for protocols that are gone.
void check_name_kinds(Faults& faults, const RequestParts& parts) {
  for (const RequestParts::Name& name : parts.names)
    if (name.type == GEN_X400 || name.type == GEN_EDIPARTY)
      faults.add("a subject alternative name of a kind that nobody uses (X.400 address or EDI party)");
}

/// Kubernetes has read spec.usages and ignores these; own signers want them sound.
bool parses(const RequestParts::Extension& extension) {
  const std::string& der = extension.value;
  const unsigned char* at = octets(der);
  const unsigned char* const end = at + der.size();
  const auto size = static_cast<long>(der.size());
  bool read = true;
  switch (extension.nid) {
    case NID_basic_constraints:
      read = BasicConstraintsPtr(d2i_BASIC_CONSTRAINTS(nullptr, &at, size)) && at == end;
      break;
    case NID_key_usage:
      read = BitStringPtr(d2i_ASN1_BIT_STRING(nullptr, &at, size)) && at == end;
      break;
    case NID_ext_key_usage:
      read = ExtendedKeyUsagePtr(d2i_EXTENDED_KEY_USAGE(nullptr, &at, size)) && at == end;
      break;
    case NID_subject_key_identifier:
      read = OctetStringPtr(d2i_ASN1_OCTET_STRING(nullptr, &at, size)) && at == end;
      break;
    default:
      read = !der.empty() && element_length(der) == der.size();
  }
  if (!read) static_cast<void>(drain_errors());
  return read;
}

void check_extensions(Faults& faults, const SignerProfile& profile, const RequestParts& parts) {
  constexpr int understood[] = {NID_subject_alt_name, NID_key_usage, NID_ext_key_usage, NID_basic_constraints,
                                NID_subject_key_identifier};
  for (const RequestParts::Extension& extension : parts.extensions) {
    if (!parses(extension)) faults.add("requested extension " + extension.oid + " is malformed");
    const bool taken =
        std::ranges::find(profile.spec.extensions, extension.oid) != profile.spec.extensions.end();
    const bool known =
        extension.nid != NID_undef && std::ranges::find(understood, extension.nid) != std::end(understood);
    if (extension.critical && !taken && !known)
      faults.add("requested extension " + extension.oid + " is critical, and signer " + profile.name.text +
                 " does not issue it");
  }
}

void check_subject(Faults& faults, const SignerProfile& profile, const RequestParts& parts) {
  for (std::string& text : subject_faults(parts.subject)) faults.add(std::move(text));
  if (parts.subject.empty() && parts.names.empty())
    faults.add("the subject is empty and there is no alternative name");
  if (!parts.subject.empty() && parts.names.empty() && profile.spec.subject == SubjectRule::drop)
    faults.add("there is no alternative name, and signer " + profile.name.text + " drops the subject");
}

// ---- denials ----------------------------------------------------------------------------------------------

Sentence denied_kind(const SignerProfile& profile, const RequestParts& parts) {
  const SignerSpec::Names& taken = profile.spec.names;
  for (const RequestParts::Name& name : parts.names) {
    const auto refused = [&](const char* kind) {
      return std::string(kind) + ' ' + name.shown + ": signer " + profile.name.text +
             " takes none of this kind";
    };
    if (name.type == GEN_DNS && !taken.dns) return refused("DNS name");
    if (name.type == GEN_IPADD && !taken.ip) return refused("IP address");
    if (name.type == GEN_EMAIL && !taken.email) return refused("e-mail name");
    if (name.type == GEN_URI && !taken.uri) return refused("URI");
    if (name.type == GEN_DIRNAME) return refused("directory name");
    if (name.type == GEN_RID) return refused("registered ID");
    if (name.type == GEN_OTHERNAME) return refused("other name");
  }
  return std::nullopt;
}

Sentence denied_key(const SignerProfile& profile, const RequestParts::Key& key) {
  const SignerSpec::Keys& taken = profile.spec.keys;
  const std::string by = " is none that signer " + profile.name.text + " takes";
  if (std::ranges::none_of(taken.algorithms, [&](KeyAlgorithm one) { return name_of(one) == key.algorithm; }))
    return "key algorithm " + key.algorithm + by;
  if (key.algorithm == "ECDSA" && std::ranges::find(taken.curves, key.curve) == taken.curves.end())
    return "curve " + key.curve + by;
  return std::nullopt;
}

Sentence denied_usage(const SignerProfile& profile, std::span<const std::string> usages,
                      const std::string& algorithm) {
  const auto& permitted = profile.spec.usages.permitted;
  for (const std::string& usage : usages)
    if (std::ranges::find(permitted, usage) == permitted.end())
      return "usage \"" + usage + "\" is none that signer " + profile.name.text + " permits";
  return usage_conflict(key_usages(usages), algorithm);
}

}  // namespace

FieldProblems quick_refusals(const SignerProfile& profile, const OwnRequest& own,
                             const ReservedKeys& reserved) {
  Faults faults;
  check_attributes(faults, own.parts);
  check_signature(faults, own.parts);
  check_key(faults, profile, own, reserved);
  check_subject(faults, profile, own.parts);
  check_name_kinds(faults, own.parts);
  check_extensions(faults, profile, own.parts);
  return faults.release();
}

FieldProblems refusals(const SignerProfile& profile, const engine::CsrSpec& spec,
                       const ReservedKeys& reserved) {
  const auto own = read_own_request(spec);
  if (!own) return own.error();
  FieldProblems problems = quick_refusals(profile, *own, reserved);
  if (!problems.empty() || own->parts.key.algorithm != "RSA") return problems;
  if (auto fault = unsound(own->request.spki))
    problems.push_back({std::string(request_path), std::move(*fault)});
  return problems;
}

Sentence denial(const SignerProfile& profile, const OwnRequest& own, std::span<const std::string> usages) {
  const RequestParts& parts = own.parts;
  if (parts.asks_for_ca()) return "the request asks for a CA; signer " + profile.name.text + " makes none";
  if (const std::string oid = foreign_attribute(parts.subject);
      !oid.empty() && profile.spec.subject == SubjectRule::request)
    return "subject attribute " + oid + " is none that certificates of signer " + profile.name.text +
           " can have";
  if (auto sentence = denied_kind(profile, parts)) return sentence;
  if (auto sentence = outside_constraints(profile.spec.names, own.names))
    return *sentence + " at signer " + profile.name.text;
  if (auto sentence = denied_key(profile, parts.key)) return sentence;
  return denied_usage(profile, usages, parts.key.algorithm);
}

Sentence denial(const SignerProfile& profile, const engine::CsrSpec& spec) {
  const auto own = read_own_request(spec);
  if (!own) return own.error().front().text;
  return denial(profile, *own, spec.usages);
}

FieldProblems RequestChecks::refusals(const engine::CsrSpec& spec) const {
  const auto profile = book_.find(spec.signer_name);
  return profile ? signer::refusals(*profile, spec, reserved_) : FieldProblems{};
}

Sentence RequestChecks::denial(const engine::CsrSpec& spec) const {
  const auto profile = book_.find(spec.signer_name);
  return profile ? signer::denial(*profile, spec) : std::nullopt;
}

bool RequestChecks::separate_from_requester(const engine::SignerName& name) const {
  const auto profile = book_.find(name);
  return profile && profile->spec.separate_from_requester;
}

}  // namespace csrflow::signer
