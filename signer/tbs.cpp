#include "signer/tbs.hpp"

#include <algorithm>

#include "signer/asn1.hpp"

namespace csrflow::signer {
namespace {

constexpr long version_3 = 2;
constexpr int named_bits = 9;

class ExtensionList {
 public:
  void key_usage(unsigned bits) {
    if (bits == 0) return;
    const BitStringPtr value(require(ASN1_BIT_STRING_new(), "build a key usage"));
    for (int bit = 0; bit < named_bits; ++bit)
      if ((bits >> bit & 1U) != 0)
        require(ASN1_BIT_STRING_set_bit(value.get(), bit, 1) == 1, "build a key usage");
    add(NID_key_usage, value.get(), true);
  }
  void extended_key_usage(std::span<const int> nids) {
    if (nids.empty()) return;
    const ExtendedKeyUsagePtr value(require(EXTENDED_KEY_USAGE_new(), "build an extended key usage"));
    for (const int nid : nids)
      require(sk_ASN1_OBJECT_push(value.get(), OBJ_nid2obj(nid)) > 0, "build an extended key usage");
    add(NID_ext_key_usage, value.get(), std::ranges::find(nids, NID_time_stamp) != nids.end());
  }
  void basic_constraints(bool authority) {
    const BasicConstraintsPtr value(require(BASIC_CONSTRAINTS_new(), "build basic constraints"));
    value->ca = authority ? 0xff : 0;
    add(NID_basic_constraints, value.get(), true);
  }
  void subject_key_id(std::string_view id) { add(NID_subject_key_identifier, octet_string(id).get(), false); }
  void authority_key_id(std::string_view id) {
    const AuthorityKeyIdPtr value(require(AUTHORITY_KEYID_new(), "build an authority key identifier"));
    value->keyid = octet_string(id).release();
    add(NID_authority_key_identifier, value.get(), false);
  }
  void alternative_names(const AlternativeNames& names, bool critical) {
    if (!names.empty()) add(NID_subject_alt_name, general_names(names).get(), critical);
  }
  void raw(const RawExtension& extension) {
    const Handle<ASN1_OBJECT, ASN1_OBJECT_free> id(
        require(OBJ_txt2obj(extension.oid.c_str(), 1), "read an OID"));
    const Handle<X509_EXTENSION, X509_EXTENSION_free> made(
        require(X509_EXTENSION_create_by_OBJ(nullptr, id.get(), extension.critical ? 1 : 0,
                                             octet_string(extension.value).get()),
                "build an extension"));
    X509_EXTENSIONS* list = list_.release();
    const bool added = X509v3_add_ext(&list, made.get(), -1) != nullptr;
    list_.reset(list);
    require(added, "add an extension");
  }
  X509_EXTENSIONS* release() { return list_.release(); }

 private:
  static OctetStringPtr octet_string(std::string_view bytes) {
    OctetStringPtr value(require(ASN1_OCTET_STRING_new(), "build an octet string"));
    require(ASN1_OCTET_STRING_set(value.get(), octets(bytes), static_cast<int>(bytes.size())) == 1,
            "build an octet string");
    return value;
  }
  void add(int nid, void* value, bool critical) {
    X509_EXTENSIONS* list = list_.release();
    const int added = X509V3_add1_i2d(&list, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT);
    list_.reset(list);
    require(added == 1, "add an extension");
  }
  ExtensionsPtr list_;
};

void set_integer(ASN1_INTEGER* integer, std::string_view magnitude) {
  const NumberPtr number(
      require(BN_bin2bn(octets(magnitude), static_cast<int>(magnitude.size()), nullptr), "build a number"));
  require(BN_to_ASN1_INTEGER(number.get(), integer) != nullptr, "build a number");
}

/// Puts the ready element in place of the one that is there.
void set_element(ASN1_TYPE*& place, std::string_view der, const char* what) {
  AnyPtr element = asn1::any(der);
  if (asn1::sequence(element.get()).empty())
    throw std::invalid_argument(std::string(what) + " is not a SEQUENCE");
  ASN1_TYPE_free(place);
  place = element.release();
}

engine::Bytes build(const CertificateFields& fields, ExtensionList extensions) {
  const auto tbs = asn1::make<asn1::Tbs>();
  require(ASN1_INTEGER_set(tbs->version, version_3) == 1, "build a certificate");
  set_integer(tbs->serial, fields.serial.content);
  set_algorithm(tbs->signature, fields.algorithm);
  set_element(tbs->issuer, fields.issuer, "issuer");
  set_element(tbs->subject, fields.subject, "subject");
  set_element(tbs->spki, fields.spki, "public key");
  // ASN1_TIME_set writes UTCTime through 2049 and GeneralizedTime from 2050 on (RFC 5280 4.1.2.5).
  require(ASN1_TIME_set(tbs->validity->notBefore, fields.validity.not_before.whole_seconds()) != nullptr &&
              ASN1_TIME_set(tbs->validity->notAfter, fields.validity.not_after.whole_seconds()) != nullptr,
          "build a validity");
  tbs->extensions = extensions.release();
  return asn1::encode(*tbs);
}

bool is_at(const ASN1_TIME* time, engine::Timestamp expected) {
  return ASN1_TIME_cmp_time_t(time, expected.whole_seconds()) == 0;
}

const X509_EXTENSION* find(const X509_EXTENSIONS* list, int nid) {
  const int at = X509v3_get_ext_by_NID(list, nid, -1);
  return at < 0 ? nullptr : X509v3_get_ext(list, at);
}

std::optional<std::string> lint_extensions(const X509_EXTENSIONS* list, bool empty_subject, bool has_names) {
  const auto* names = find(list, NID_subject_alt_name);
  if ((names != nullptr) != has_names) return "the names are not those of the request";
  if (names != nullptr && (X509_EXTENSION_get_critical(names) == 1) != empty_subject)
    return "the names must be critical exactly when the subject is empty";
  const auto* constraints = find(list, NID_basic_constraints);
  constexpr std::string_view no_authority("\x30\x00", 2);
  if (constraints == nullptr || X509_EXTENSION_get_critical(constraints) != 1 ||
      view(X509_EXTENSION_get_data(const_cast<X509_EXTENSION*>(constraints))) != no_authority)
    return "basic constraints must be critical and deny the CA";
  return std::nullopt;
}

}  // namespace

engine::Serial serial_from(std::span<const std::uint8_t, 16> random) {
  engine::Serial serial{{random.begin(), random.end()}};
  serial.content[0] = static_cast<char>((random[0] & 0x3f) | 0x40);
  return serial;
}

engine::Bytes leaf_tbs(const LeafFields& fields) {
  ExtensionList extensions;
  extensions.key_usage(fields.usages.bits);
  extensions.extended_key_usage(fields.usages.extended);
  extensions.basic_constraints(false);
  if (!fields.subject_key_id.empty()) extensions.subject_key_id(fields.subject_key_id);
  extensions.authority_key_id(fields.authority_key_id);
  extensions.alternative_names(fields.names, is_empty_name(fields.subject));
  for (const RawExtension& extension : fields.further) extensions.raw(extension);
  return build(fields, std::move(extensions));
}

engine::Bytes authority_tbs(const CertificateFields& fields) {
  constexpr unsigned digital_signature = 1U << 0, certificate_sign = 1U << 5, crl_sign = 1U << 6;
  ExtensionList extensions;
  extensions.key_usage(digital_signature | certificate_sign | crl_sign);
  extensions.basic_constraints(true);
  extensions.subject_key_id(fields.authority_key_id);
  extensions.authority_key_id(fields.authority_key_id);
  return build(fields, std::move(extensions));
}

bool is_empty_name(std::string_view der) {
  return der == std::string_view("\x30\x00", 2);
}

std::optional<std::string> lint_leaf(std::string_view tbs, const LeafFields& fields,
                                     engine::Timestamp authority_not_after) {
  if (tbs.size() > max_tbs)
    return "the certificate would have " + std::to_string(tbs.size()) + " bytes; at most " +
           std::to_string(max_tbs) + " are allowed";
  const auto read = asn1::decode<asn1::Tbs>(tbs);
  if (!read || asn1::encode(*read) != tbs) return "the certificate would not be DER";
  constexpr std::size_t serial_octets = 16;
  if (view(read->serial) != fields.serial.content || fields.serial.content.size() != serial_octets ||
      (fields.serial.content[0] & 0xc0) != 0x40)
    return "the serial number has not the right form";
  if (asn1::sequence(read->issuer) != fields.issuer) return "the issuer is not the CA's subject";
  if (asn1::sequence(read->spki) != fields.spki) return "the public key is not the request's";
  if (asn1::der_of<const X509_ALGOR*>(i2d_X509_ALGOR, read->signature) !=
      algorithm_identifier(fields.algorithm))
    return "the signature algorithm is not the CA's";
  if (!is_at(read->validity->notBefore, fields.validity.not_before) ||
      !is_at(read->validity->notAfter, fields.validity.not_after) ||
      fields.validity.not_before > fields.validity.not_after ||
      fields.validity.not_after > authority_not_after)
    return "the validity is out of order";
  return lint_extensions(read->extensions, is_empty_name(fields.subject), !fields.names.empty());
}

}  // namespace csrflow::signer
