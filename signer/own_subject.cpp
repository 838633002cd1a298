#include "signer/own_subject.hpp"

#include <openssl/objects.h>

#include <algorithm>

#include "engine/unicode.hpp"
#include "signer/asn1.hpp"
#include "signer/printable.hpp"

namespace csrflow::signer {
namespace {

using Attribute = RequestParts::Attribute;

struct Known {
  int nid;
  const char* name;
  int type;
  std::size_t most;  // characters
};
// RFC 5280 A.1, RFC 4519; surname and given name as the CA/Browser Forum corrects them.
constexpr Known known[] = {
    {NID_countryName, "country", V_ASN1_PRINTABLESTRING, 2},
    {NID_stateOrProvinceName, "province", V_ASN1_UTF8STRING, 128},
    {NID_localityName, "locality", V_ASN1_UTF8STRING, 128},
    {NID_streetAddress, "street address", V_ASN1_UTF8STRING, 128},
    {NID_postalCode, "postal code", V_ASN1_UTF8STRING, 40},
    {NID_organizationName, "organization", V_ASN1_UTF8STRING, 64},
    {NID_organizationalUnitName, "organizational unit", V_ASN1_UTF8STRING, 64},
    {NID_commonName, "common name", V_ASN1_UTF8STRING, 64},
    {NID_title, "title", V_ASN1_UTF8STRING, 64},
    {NID_surname, "surname", V_ASN1_UTF8STRING, 64},
    {NID_givenName, "given name", V_ASN1_UTF8STRING, 64},
    {NID_serialNumber, "serial number", V_ASN1_PRINTABLESTRING, 64},
    {NID_pkcs9_emailAddress, "e-mail address", V_ASN1_IA5STRING, 255},
    {NID_domainComponent, "domain component", V_ASN1_IA5STRING, 63},
    {NID_userId, "user id", V_ASN1_UTF8STRING, 256},
};
constexpr std::size_t most_of_others = 256;

const Known* find(const Attribute& attribute) {
  const auto found = std::ranges::find(known, attribute.nid, &Known::nid);
  return attribute.nid == NID_undef || found == std::end(known) ? nullptr : found;
}

std::string name_of(const Attribute& attribute) {
  const Known* one = find(attribute);
  return one != nullptr ? one->name : "subject attribute " + attribute.oid;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

/// Empty: nothing is wrong.
std::string fault_of(const Attribute& attribute) {
  const std::string& text = attribute.value;
  if (!attribute.fault.empty()) return attribute.fault;
  if (const auto fault = engine::unreadable(text)) return "has " + *fault;
  if (text.empty()) return "is empty";
  const Known* one = find(attribute);
  const std::size_t most = one != nullptr ? one->most : most_of_others;
  if (const std::size_t length = characters(text); length > most)
    return "has " + std::to_string(length) + " characters, at most " + std::to_string(most);
  if (one == nullptr) return {};
  if (one->nid == NID_countryName && !(text.size() == 2 && std::ranges::all_of(text, is_upper)))
    return "must be two capital letters (ISO 3166)";
  if (one->type == V_ASN1_PRINTABLESTRING && !std::ranges::all_of(text, is_printable))
    return "has characters that a PrintableString may not have";
  if (one->type == V_ASN1_IA5STRING &&
      !std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return "must be ASCII";
  return {};
}

}  // namespace

std::vector<std::string> subject_faults(const std::vector<Attribute>& subject) {
  if (subject.size() > max_subject_attributes)
    return {"the subject has " + std::to_string(subject.size()) + " attributes, at most " +
            std::to_string(max_subject_attributes)};
  std::vector<std::string> faults;
  for (const Attribute& attribute : subject)
    if (const std::string fault = fault_of(attribute); !fault.empty())
      faults.push_back(name_of(attribute) + ' ' + fault);
  return faults;
}

std::string foreign_attribute(const std::vector<Attribute>& subject) {
  const auto foreign =
      std::ranges::find_if(subject, [](const Attribute& one) { return find(one) == nullptr; });
  return foreign == subject.end() ? std::string() : foreign->oid;
}

engine::Bytes encode_own_subject(const std::vector<Attribute>& subject) {
  const NamePtr name(require(X509_NAME_new(), "build a name"));
  for (const Attribute& attribute : subject) {
    const Known* one = find(attribute);
    if (one == nullptr) continue;
    const std::string text = engine::nfc(attribute.value);
    const NameEntryPtr entry(X509_NAME_ENTRY_create_by_NID(nullptr, one->nid, one->type, octets(text),
                                                           static_cast<int>(text.size())));
    require(entry != nullptr && X509_NAME_add_entry(name.get(), entry.get(), -1, 0) == 1, "build a name");
  }
  return asn1::der_of<const X509_NAME*>(i2d_X509_NAME, name.get());
}

}  // namespace csrflow::signer
