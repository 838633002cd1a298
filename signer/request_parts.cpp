#include "signer/request_parts.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>

#include "engine/ip_address.hpp"
#include "signer/asn1.hpp"
#include "signer/der.hpp"
#include "signer/printable.hpp"

namespace csrflow::signer {
namespace {

using Parts = RequestParts;
using Error = std::expected<void, std::string>;

std::string hex_of_element(std::string_view der) {
  return '#' + engine::to_hex(der);
}

/// UCS-2 has none.
bool has_surrogates(std::string_view big_endian) {
  for (std::size_t i = 0; i + 1 < big_endian.size(); i += 2)
    if ((static_cast<unsigned char>(big_endian[i]) & 0xf8) == 0xd8) return true;
  return false;
}

/// Does the string hold what its type says? Empty: yes.
std::string fault_of(const ASN1_STRING* value) {
  const auto bytes = view(value);
  const auto all = [&](auto holds) { return std::ranges::all_of(bytes, holds); };
  switch (ASN1_STRING_type(value)) {
    case V_ASN1_PRINTABLESTRING:
      return all([](unsigned char c) { return is_printable(c); })
                 ? ""
                 : "has characters that a PrintableString may not have";
    case V_ASN1_IA5STRING:
      return all([](unsigned char c) { return c < 0x80; }) ? "" : "is an IA5String and not ASCII";
    case V_ASN1_UTF8STRING:
      return "";
    case V_ASN1_BMPSTRING:
      return has_surrogates(bytes) ? "is a BMPString with surrogates" : "";
    case V_ASN1_NUMERICSTRING:
      return all([](unsigned char c) { return (c >= '0' && c <= '9') || c == ' '; })
                 ? ""
                 : "is a NumericString of others than digits";
    case V_ASN1_T61STRING:
      return "is a T61String; encode it as a UTF8String";
    case V_ASN1_UNIVERSALSTRING:
      return "is a UniversalString; encode it as a UTF8String";
    default:
      return "is no string";
  }
}

Parts::Attribute attribute_of(const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* id = X509_NAME_ENTRY_get_object(entry);
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  Parts::Attribute attribute{.oid = dotted_oid(id),
                             .nid = OBJ_obj2nid(id),
                             .rdn = X509_NAME_ENTRY_set(entry),
                             .type = ASN1_STRING_type(value),
                             .value = {},
                             .fault = fault_of(value)};
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, value);
  const MemoryPtr memory(utf8);
  ERR_clear_error();
  if (length >= 0 && !(attribute.type == V_ASN1_BMPSTRING && !attribute.fault.empty())) {
    attribute.value.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  } else {
    attribute.value = hex_of_element(view(value));
    if (attribute.fault.empty()) attribute.fault = "is not what its string type says";
  }
  return attribute;
}

std::string name_text(const X509_NAME* name) {
  const BioPtr out(require(BIO_new(BIO_s_mem()), "write a name"));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

Parts::Name name_of(const GENERAL_NAME* name) {
  Parts::Name made{.type = name->type, .value = {}, .shown = {}};
  switch (name->type) {
    case GEN_DNS:
    case GEN_EMAIL:
    case GEN_URI:
      made.value = view(name->d.ia5);
      made.shown = made.value;
      break;
    case GEN_IPADD:
      made.value = view(name->d.iPAddress);
      made.shown = address_text(made.value);
      break;
    case GEN_DIRNAME:
      made.value = asn1::der_of<const X509_NAME*>(i2d_X509_NAME, name->d.directoryName);
      made.shown = name_text(name->d.directoryName);
      break;
    case GEN_RID:
      made.value = dotted_oid(name->d.registeredID);
      made.shown = made.value;
      break;
    default: {
      made.value = asn1::der_of<const GENERAL_NAME*>(i2d_GENERAL_NAME, name);
      made.shown =
          name->type == GEN_OTHERNAME ? dotted_oid(name->d.otherName->type_id) : hex_of_element(made.value);
    }
  }
  return made;
}

Error read_names(Parts& parts, std::string_view der) {
  const unsigned char* at = octets(der);
  const GeneralNamesPtr list(d2i_GENERAL_NAMES(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!list || at != octets(der) + der.size())
    return std::unexpected("the subject alternative names cannot be read");
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i)
    parts.names.push_back(name_of(sk_GENERAL_NAME_value(list.get(), i)));
  return {};
}

Error read_extensions(Parts& parts, std::string_view der) {
  const unsigned char* at = octets(der);
  const ExtensionsPtr list(d2i_X509_EXTENSIONS(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!list) return std::unexpected("the requested extensions cannot be read");
  for (int i = 0; i < sk_X509_EXTENSION_num(list.get()); ++i) {
    X509_EXTENSION* extension = sk_X509_EXTENSION_value(list.get(), i);
    const ASN1_OBJECT* id = X509_EXTENSION_get_object(extension);
    parts.extensions.push_back({dotted_oid(id), OBJ_obj2nid(id), X509_EXTENSION_get_critical(extension) == 1,
                                engine::Bytes(view(X509_EXTENSION_get_data(extension)))});
    if (OBJ_obj2nid(id) == NID_subject_alt_name)
      if (auto read = read_names(parts, parts.extensions.back().value); !read) return read;
  }
  return {};
}

engine::Bytes magnitude(const ASN1_INTEGER* number) {
  return engine::Bytes(view(number));
}

std::uint32_t bits_of(std::string_view magnitude) {
  const auto first = magnitude.find_first_not_of('\0');
  if (first == std::string_view::npos) return 0;
  unsigned top = static_cast<unsigned char>(magnitude[first]), bits = 0;
  for (; top != 0; top >>= 1) ++bits;
  return static_cast<std::uint32_t>((magnitude.size() - first - 1) * 8) + bits;
}

}  // namespace

std::string dotted_oid(const ASN1_OBJECT* id) {
  const int length = id == nullptr ? 0 : OBJ_obj2txt(nullptr, 0, id, 1);
  ERR_clear_error();
  if (length <= 0) return {};
  std::string text(static_cast<std::size_t>(length) + 1, '\0');
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), id, 1);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string address_text(std::string_view bytes) {
  const auto address = engine::IpAddress::from_bytes(bytes);
  return address ? address->text() : hex_of_element(bytes);
}

const RequestParts::Extension* RequestParts::extension(int nid) const {
  const auto found = std::ranges::find(extensions, nid, &Extension::nid);
  return found == extensions.end() ? nullptr : &*found;
}

bool RequestParts::asks_for_ca() const {
  if (const Extension* wanted = extension(NID_basic_constraints)) {
    const unsigned char* at = octets(wanted->value);
    const BasicConstraintsPtr constraints(
        d2i_BASIC_CONSTRAINTS(nullptr, &at, static_cast<long>(wanted->value.size())));
    if (constraints && constraints->ca != 0) return true;
  }
  if (const Extension* wanted = extension(NID_key_usage)) {
    constexpr int certificate_sign = 5;
    const unsigned char* at = octets(wanted->value);
    const BitStringPtr bits(d2i_ASN1_BIT_STRING(nullptr, &at, static_cast<long>(wanted->value.size())));
    if (bits && ASN1_BIT_STRING_get_bit(bits.get(), certificate_sign) == 1) return true;
  }
  ERR_clear_error();
  return false;
}

std::expected<RequestParts::Key, std::string> read_public_key(std::string_view spki) {
  RequestParts::Key key;
  const auto info = asn1::decode<asn1::KeyInfo>(spki);
  if (!info) return std::unexpected("the public key cannot be read");
  const int nid = OBJ_obj2nid(info->algorithm->algorithm);
  key.point = view(info->key);
  if (nid == NID_rsaEncryption) {
    const auto numbers = asn1::decode<asn1::RsaKey>(key.point);
    if (!numbers) return std::unexpected("the RSA key cannot be read");
    key.algorithm = "RSA";
    key.modulus = magnitude(numbers->modulus);
    key.exponent = magnitude(numbers->exponent);
    key.bits = bits_of(key.modulus);
  } else if (nid == NID_X9_62_id_ecPublicKey) {
    key.algorithm = "ECDSA";
    struct Curve {
      int nid;
      const char* name;
      std::uint32_t bits;
    };
    constexpr Curve curves[] = {
        {NID_X9_62_prime256v1, "P-256", 256}, {NID_secp384r1, "P-384", 384}, {NID_secp521r1, "P-521", 521}};
    const ASN1_TYPE* parameters = info->algorithm->parameter;
    const ASN1_OBJECT* named = parameters != nullptr && ASN1_TYPE_get(parameters) == V_ASN1_OBJECT
                                   ? parameters->value.object
                                   : nullptr;
    const auto curve =
        std::ranges::find(curves, named != nullptr ? OBJ_obj2nid(named) : NID_undef, &Curve::nid);
    if (curve != std::end(curves)) {
      key.curve = curve->name;
      key.bits = curve->bits;
    } else {
      key.curve = named != nullptr && OBJ_obj2nid(named) != NID_undef ? OBJ_nid2sn(OBJ_obj2nid(named))
                  : named != nullptr                                  ? dotted_oid(named)
                                                                      : "unnamed";
    }
  } else if (nid == NID_ED25519 || nid == NID_ED448) {
    key.algorithm = nid == NID_ED25519 ? "Ed25519" : "Ed448";
    key.bits = nid == NID_ED25519 ? 256 : 456;
  } else {
    key.algorithm = nid == NID_undef ? dotted_oid(info->algorithm->algorithm) : OBJ_nid2sn(nid);
  }
  return key;
}

std::expected<RequestParts, std::string> read_parts(const CertificationRequest& request) {
  RequestParts parts;
  const auto info = asn1::decode<asn1::RequestInfo>(request.info);
  if (!info) return std::unexpected("the request cannot be read");
  for (int i = 0; i < X509_NAME_entry_count(info->subject); ++i)
    parts.subject.push_back(attribute_of(X509_NAME_get_entry(info->subject, i)));
  const int count = info->attributes == nullptr ? 0 : sk_X509_ATTRIBUTE_num(info->attributes);
  for (int i = 0; i < count; ++i) {
    X509_ATTRIBUTE* attribute = sk_X509_ATTRIBUTE_value(info->attributes, i);
    const ASN1_OBJECT* id = X509_ATTRIBUTE_get0_object(attribute);
    const int values = X509_ATTRIBUTE_count(attribute);
    parts.attributes.push_back(dotted_oid(id));
    parts.attribute_values.push_back(static_cast<std::size_t>(std::max(values, 0)));
    if (OBJ_obj2nid(id) != NID_ext_req || values < 1) continue;
    const auto der = asn1::sequence(X509_ATTRIBUTE_get0_type(attribute, 0));
    if (auto read = read_extensions(parts, der); !read) return std::unexpected(std::move(read.error()));
  }
  auto key = read_public_key(request.spki);
  if (!key) return std::unexpected(std::move(key.error()));
  parts.key = std::move(*key);
  const unsigned char* at = octets(request.algorithm);
  const Handle<X509_ALGOR, X509_ALGOR_free> algorithm(
      d2i_X509_ALGOR(nullptr, &at, static_cast<long>(request.algorithm.size())));
  if (algorithm) parts.signature_nid = OBJ_obj2nid(algorithm->algorithm);
  ERR_clear_error();
  return parts;
}

}  // namespace csrflow::signer
