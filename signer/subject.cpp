#include "signer/subject.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>

#include "signer/asn1.hpp"
#include "signer/printable.hpp"

namespace csrflow::signer {
namespace {

const std::string malformed = "x509: invalid RDNSequence: invalid attribute value";

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7f;
}

/// The value in UTF-8.
std::expected<std::string, std::string> text_of(const ASN1_STRING* value) {
  const auto bytes = view(value);
  switch (ASN1_STRING_type(value)) {
    case V_ASN1_PRINTABLESTRING:
      // Real clients put `*`, `&` and `@` there; Go accepts the first two.
      if (!std::ranges::all_of(bytes,
                               [](unsigned char c) { return is_printable(c) || c == '*' || c == '&'; }))
        return std::unexpected(malformed + ": invalid PrintableString");
      break;
    case V_ASN1_NUMERICSTRING:
      if (!std::ranges::all_of(bytes, [](unsigned char c) { return (c >= '0' && c <= '9') || c == ' '; }))
        return std::unexpected(malformed + ": invalid NumericString");
      break;
    case V_ASN1_IA5STRING:
      if (!std::ranges::all_of(bytes, [](unsigned char c) { return c < 0x80; }))
        return std::unexpected(malformed + ": invalid IA5String");
      break;
    case V_ASN1_UTF8STRING:
    case V_ASN1_T61STRING:
    case V_ASN1_BMPSTRING:
      break;
    default:
      return std::unexpected(malformed + ": unsupported string type");
  }
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, value);
  if (length < 0) {
    ERR_clear_error();
    return std::unexpected(malformed + ": invalid string");
  }
  const MemoryPtr memory(utf8);
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  if (const auto bad = std::ranges::find_if(text, is_control); bad != text.end())
    return std::unexpected(malformed + ": control character at byte " + std::to_string(bad - text.begin()));
  return text;
}

struct Known {
  int nid;
  std::vector<std::string> Subject::*list;
};
// In the order of the encoded name.
constexpr Known lists[] = {
    {NID_countryName, &Subject::country},
    {NID_stateOrProvinceName, &Subject::province},
    {NID_localityName, &Subject::locality},
    {NID_streetAddress, &Subject::street},
    {NID_postalCode, &Subject::postal_code},
    {NID_organizationName, &Subject::organization},
    {NID_organizationalUnitName, &Subject::organizational_unit},
};

class NameBuilder {
 public:
  /// One RDN of all values; none when there is no value.
  void add(int nid, std::span<const std::string> values) {
    for (std::size_t i = 0; i < values.size(); ++i) add_value(nid, values[i], i > 0);
  }
  engine::Bytes der() const { return asn1::der_of<const X509_NAME*>(i2d_X509_NAME, name_.get()); }

 private:
  void add_value(int nid, const std::string& value, bool to_last_rdn) {
    const bool printable = std::ranges::all_of(value, is_printable);
    const NameEntryPtr entry(
        X509_NAME_ENTRY_create_by_NID(nullptr, nid, printable ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING,
                                      octets(value), static_cast<int>(value.size())));
    require(entry != nullptr && X509_NAME_add_entry(name_.get(), entry.get(), -1, to_last_rdn ? -1 : 0) == 1,
            "build a name");
  }
  NamePtr name_{require(X509_NAME_new(), "build a name")};
};

}  // namespace

std::expected<Subject, std::string> read_subject(const X509_NAME& name) {
  Subject subject;
  for (int i = 0; i < X509_NAME_entry_count(&name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(&name, i);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    const auto known = std::ranges::find(lists, nid, &Known::nid);
    if (known == std::end(lists) && nid != NID_commonName && nid != NID_serialNumber) continue;
    auto text = text_of(X509_NAME_ENTRY_get_data(entry));
    if (!text) return std::unexpected(std::move(text.error()));
    if (nid == NID_commonName) {
      subject.common_name = std::move(*text);
    } else if (nid == NID_serialNumber) {
      subject.serial_number = std::move(*text);
    } else {
      (subject.*known->list).push_back(std::move(*text));
    }
  }
  return subject;
}

engine::Bytes encode_subject(const Subject& subject) {
  NameBuilder name;
  for (const Known& known : lists) name.add(known.nid, subject.*known.list);
  if (!subject.common_name.empty()) name.add(NID_commonName, {&subject.common_name, 1});
  if (!subject.serial_number.empty()) name.add(NID_serialNumber, {&subject.serial_number, 1});
  return name.der();
}

}  // namespace csrflow::signer
