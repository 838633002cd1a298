#include "signer/lint.hpp"

#include <openssl/objects.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/dns_name.hpp"
#include "engine/email_name.hpp"
#include "engine/uri_name.hpp"
#include "signer/asn1.hpp"
#include "signer/der.hpp"
#include "signer/key_weakness.hpp"
#include "signer/name_constraints.hpp"
#include "signer/request_parts.hpp"
#include "signer/usage_rules.hpp"

namespace csrflow::signer {
namespace {

using Finding = std::optional<std::string>;

constexpr std::size_t key_id_size = 20;  // RFC 7093 2, method 1

/// RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050 on, both with seconds and in Zulu.
bool has_right_form(const ASN1_TIME* time, engine::Timestamp instant) {
  constexpr engine::Timestamp year_2050 = engine::from_seconds(2'524'608'000);
  const bool utc = ASN1_STRING_type(time) == V_ASN1_UTCTIME;
  const auto text = view(time);
  return utc == (instant < year_2050) && text.size() == (utc ? 13U : 15U) && text.back() == 'Z';
}

Finding lint_times(const asn1::Tbs& tbs, const LeafFields& fields, engine::Duration lifetime) {
  if (!has_right_form(tbs.validity->notBefore, fields.validity.not_before) ||
      !has_right_form(tbs.validity->notAfter, fields.validity.not_after))
    return "the validity is not written as RFC 5280 4.1.2.5 wants it";
  const engine::Duration lasts = fields.validity.not_after - fields.validity.not_before + engine::seconds(1);
  if (lasts > std::max(lifetime, engine::seconds(1)))
    return "the certificate would be valid for longer than allowed";
  return std::nullopt;
}

Finding lint_subject(const asn1::Tbs& tbs, const SignerProfile& profile) {
  const auto der = asn1::sequence(tbs.subject);
  const unsigned char* at = octets(der);
  const NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  if (!name) return "the subject cannot be read: " + drain_errors();
  if (profile.spec.subject == SubjectRule::drop && X509_NAME_entry_count(name.get()) != 0)
    return "the subject should be empty";
  for (int i = 0; i < X509_NAME_entry_count(name.get()); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name.get(), i);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    const int type = ASN1_STRING_type(X509_NAME_ENTRY_get_data(entry));
    const bool ascii = nid == NID_pkcs9_emailAddress || nid == NID_domainComponent;
    const bool printable = nid == NID_countryName || nid == NID_serialNumber;
    if (type != (ascii ? V_ASN1_IA5STRING : printable ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING))
      return "a subject attribute has not the string type of RFC 5280 A.1";
    if (X509_NAME_ENTRY_set(entry) != i) return "the subject has a relative name of several values";
  }
  return std::nullopt;
}

/// One value of this type, to the last byte.
template <class Pointer, class Read>
Pointer value_of(const X509_EXTENSION* extension, Read read) {
  const auto der = view(X509_EXTENSION_get_data(const_cast<X509_EXTENSION*>(extension)));
  const unsigned char* at = octets(der);
  Pointer value(read(nullptr, &at, static_cast<long>(der.size())));
  if (!value) static_cast<void>(drain_errors());
  if (at != octets(der) + der.size()) value.reset();
  return value;
}

/// The certificate's extensions by their OIDs.
using Extensions = std::map<std::string, const X509_EXTENSION*>;

bool is_critical(const X509_EXTENSION* extension) {
  return X509_EXTENSION_get_critical(extension) == 1;
}
const X509_EXTENSION* find(const Extensions& extensions, int nid) {
  const auto found = extensions.find(dotted_oid(OBJ_nid2obj(nid)));
  return found == extensions.end() ? nullptr : found->second;
}

Finding lint_list(const asn1::Tbs& tbs, const SignerProfile& profile, Extensions& extensions) {
  std::set<std::string> known(profile.spec.extensions.begin(), profile.spec.extensions.end());
  for (const int nid : {NID_key_usage, NID_ext_key_usage, NID_basic_constraints, NID_subject_key_identifier,
                        NID_authority_key_identifier, NID_subject_alt_name})
    known.insert(dotted_oid(OBJ_nid2obj(nid)));
  for (int i = 0; i < sk_X509_EXTENSION_num(tbs.extensions); ++i) {
    X509_EXTENSION* extension = sk_X509_EXTENSION_value(tbs.extensions, i);
    const std::string oid = dotted_oid(X509_EXTENSION_get_object(extension));
    if (!known.contains(oid)) return "extension " + oid + " has no place in a certificate of this signer";
    if (!extensions.emplace(oid, extension).second) return "extension " + oid + " appears twice";
    const auto value = view(X509_EXTENSION_get_data(extension));
    if (value.empty() || element_length(value) != value.size()) return "extension " + oid + " is malformed";
    constexpr std::string_view empty_sequence("\x30\x00", 2);
    if (value == empty_sequence && OBJ_obj2nid(X509_EXTENSION_get_object(extension)) != NID_basic_constraints)
      return "extension " + oid + " is empty";
  }
  return std::nullopt;
}

Finding lint_key_usage(const Extensions& extensions, const LeafFields& fields,
                       const std::string& key_algorithm) {
  const X509_EXTENSION* usage = find(extensions, NID_key_usage);
  if ((usage != nullptr) != (fields.usages.bits != 0))
    return "the key usage is not the one that was asked for";
  KeyUsages read;
  if (usage != nullptr) {
    const auto bits = value_of<BitStringPtr>(usage, d2i_ASN1_BIT_STRING);
    if (!bits || !is_critical(usage)) return "the key usage must be critical and not empty";
    for (unsigned bit = 0; bit <= 8; ++bit)
      if (ASN1_BIT_STRING_get_bit(bits.get(), static_cast<int>(bit)) == 1)
        read.bits = static_cast<std::uint16_t>(read.bits | 1U << bit);
    constexpr std::uint16_t of_authorities = 1U << 5 | 1U << 6;
    if ((read.bits & of_authorities) != 0) return "the key usage is that of a CA";
  }
  if (read.bits != fields.usages.bits) return "the key usage is not the one that was asked for";
  if (const X509_EXTENSION* extended = find(extensions, NID_ext_key_usage)) {
    const auto purposes = value_of<ExtendedKeyUsagePtr>(extended, d2i_EXTENDED_KEY_USAGE);
    if (!purposes || sk_ASN1_OBJECT_num(purposes.get()) < 1) return "the extended key usage is empty";
    for (int i = 0; i < sk_ASN1_OBJECT_num(purposes.get()); ++i)
      read.extended.push_back(OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes.get(), i)));
    const bool stamps = std::ranges::find(read.extended, NID_time_stamp) != read.extended.end();
    if (is_critical(extended) != stamps)
      return "the extended key usage must be critical for timestamping only";
    if (std::set<int>(read.extended.begin(), read.extended.end()).size() != read.extended.size())
      return "an extended key usage appears twice";
  }
  if (read.extended != fields.usages.extended)
    return "the extended key usage is not the one that was asked for";
  return usage_conflict(read, key_algorithm);
}

Finding lint_key_ids(const Extensions& extensions, const Authority& authority, const engine::Bytes& own_id) {
  const X509_EXTENSION* subject = find(extensions, NID_subject_key_identifier);
  const auto id = subject != nullptr ? value_of<OctetStringPtr>(subject, d2i_ASN1_OCTET_STRING) : nullptr;
  if (!id || view(id.get()) != own_id || is_critical(subject))
    return "the subject key identifier is not that of the key";
  const X509_EXTENSION* issuer = find(extensions, NID_authority_key_identifier);
  const auto of_issuer =
      issuer != nullptr ? value_of<AuthorityKeyIdPtr>(issuer, d2i_AUTHORITY_KEYID) : nullptr;
  if (!of_issuer || of_issuer->keyid == nullptr || view(of_issuer->keyid) != authority.key_id ||
      of_issuer->issuer != nullptr || of_issuer->serial != nullptr || is_critical(issuer))
    return "the authority key identifier is not the CA's";
  return std::nullopt;
}

/// Does the list hold canonical names only, each once?
template <class Canonical>
bool are_canonical(const std::vector<std::string>& names, Canonical canonical) {
  return std::set<std::string>(names.begin(), names.end()).size() == names.size() &&
         std::ranges::all_of(names, [&](const std::string& name) { return canonical(name) == name; });
}

Finding lint_names(const Extensions& extensions, const SignerProfile& profile) {
  const X509_EXTENSION* extension = find(extensions, NID_subject_alt_name);
  if (extension == nullptr) return std::nullopt;
  const auto names =
      read_alternative_names(view(X509_EXTENSION_get_data(const_cast<X509_EXTENSION*>(extension))));
  if (!names) return names.error();
  if (names->empty()) return "the alternative names are empty";
  if (!are_canonical(names->dns, [](const auto& name) { return engine::canonical_dns(name).value_or(""); }) ||
      !are_canonical(names->email,
                     [](const auto& name) { return engine::canonical_email(name).value_or(""); }) ||
      !are_canonical(names->uri, [](const auto& name) { return engine::canonical_uri(name).value_or(""); }) ||
      !are_canonical(names->ip, [](const auto& address) { return address; }))
    return "the alternative names are not in canonical form, or one appears twice";
  const SignerSpec::Names& taken = profile.spec.names;
  if ((!taken.dns && !names->dns.empty()) || (!taken.ip && !names->ip.empty()) ||
      (!taken.email && !names->email.empty()) || (!taken.uri && !names->uri.empty()))
    return "there is an alternative name of a kind that signer " + profile.name.text + " does not take";
  return outside_constraints(taken, *names);
}

Finding lint_key(const SignerProfile& profile, const RequestParts::Key& key) {
  if (key.algorithm == "RSA" && key.bits < profile.spec.keys.min_rsa)
    return "the RSA key is too small for this signer";
  return weakness(key);
}

}  // namespace

Finding lint_own_leaf(std::string_view tbs, const LeafFields& fields, const SignerProfile& profile,
                      const Authority& authority, engine::Duration lifetime) {
  if (auto finding = lint_leaf(tbs, fields, authority.not_after)) return finding;
  const auto read = asn1::decode<asn1::Tbs>(tbs);
  const auto key = read_public_key(fields.spki);
  if (!read || !key) return "the certificate cannot be read";
  Extensions extensions;
  if (auto finding = lint_times(*read, fields, lifetime)) return finding;
  if (auto finding = lint_subject(*read, profile)) return finding;
  if (auto finding = lint_list(*read, profile, extensions)) return finding;
  if (auto finding = lint_key_usage(extensions, fields, key->algorithm)) return finding;
  if (auto finding = lint_key_ids(extensions, authority, sha256(key->point).substr(0, key_id_size)))
    return finding;
  if (auto finding = lint_names(extensions, profile)) return finding;
  return lint_key(profile, *key);
}

}  // namespace csrflow::signer
