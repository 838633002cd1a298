#include "signer/pkcs10.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <set>

#include "signer/asn1.hpp"
#include "signer/der.hpp"
#include "signer/pem.hpp"
#include "signer/verify.hpp"

namespace csrflow::signer {
namespace {

using Error = std::expected<void, std::string>;
constexpr int max_attributes = 16, max_extensions = 64;

Error read_extensions(CertificationRequest& request, const ASN1_TYPE* value) {
  const auto der = asn1::sequence(value);
  const unsigned char* at = octets(der);
  const ExtensionsPtr extensions(
      der.empty() ? nullptr : d2i_X509_EXTENSIONS(nullptr, &at, static_cast<long>(der.size())));
  if (!extensions) {
    ERR_clear_error();
    return std::unexpected("x509: malformed extensions");
  }
  if (sk_X509_EXTENSION_num(extensions.get()) > max_extensions)
    return std::unexpected("x509: certificate request has too many requested extensions");
  std::set<engine::Bytes> seen;
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions.get()); ++i) {
    X509_EXTENSION* extension = sk_X509_EXTENSION_value(extensions.get(), i);
    const ASN1_OBJECT* id = X509_EXTENSION_get_object(extension);
    if (!seen.emplace(reinterpret_cast<const char*>(OBJ_get0_data(id)), OBJ_length(id)).second)
      return std::unexpected("x509: certificate request contains duplicate requested extensions");
    if (OBJ_obj2nid(id) != NID_subject_alt_name) continue;
    auto names = read_alternative_names(view(X509_EXTENSION_get_data(extension)));
    if (!names) return std::unexpected(std::move(names.error()));
    request.names = std::move(*names);
  }
  return {};
}

Error read_attributes(CertificationRequest& request, const STACK_OF(X509_ATTRIBUTE) * attributes) {
  const int count = attributes == nullptr ? 0 : sk_X509_ATTRIBUTE_num(attributes);
  if (count > max_attributes) return std::unexpected("x509: certificate request has too many attributes");
  bool extensions_seen = false;
  for (int i = 0; i < count; ++i) {
    X509_ATTRIBUTE* attribute = sk_X509_ATTRIBUTE_value(attributes, i);
    if (OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attribute)) != NID_ext_req) continue;
    if (extensions_seen || X509_ATTRIBUTE_count(attribute) != 1)
      return std::unexpected("x509: certificate request contains duplicate requested attributes");
    extensions_seen = true;
    if (auto read = read_extensions(request, X509_ATTRIBUTE_get0_type(attribute, 0)); !read) return read;
  }
  return {};
}

Error read_info(CertificationRequest& request) {
  const auto info = asn1::decode<asn1::RequestInfo>(request.info);
  if (!info) return std::unexpected("asn1: structure error: malformed certification request info");
  std::int64_t version = 0;
  if (ASN1_INTEGER_get_int64(&version, info->version) != 1 || version != 0) {
    ERR_clear_error();
    return std::unexpected("x509: version is " + std::to_string(version) + ", must be 0");
  }
  request.spki = asn1::sequence(info->spki);
  if (request.spki.empty()) return std::unexpected("asn1: structure error: malformed public key");
  auto subject = read_subject(*info->subject);
  if (!subject) return std::unexpected(std::move(subject.error()));
  request.subject = std::move(*subject);
  return read_attributes(request, info->attributes);
}

}  // namespace

std::expected<CertificationRequest, std::string> parse_request_pem(std::string_view pem) {
  const auto found = find_pem(pem);
  if (!found || found->block.type != "CERTIFICATE REQUEST")
    return std::unexpected("PEM block type must be CERTIFICATE REQUEST");
  return parse_request(found->block.der);
}

std::expected<CertificationRequest, std::string> parse_request(std::string_view der) {
  if (der.size() > max_request_der)
    return std::unexpected("the request is longer than " + std::to_string(max_request_der) + " bytes");
  if (auto strict = check_der(der); !strict) return std::unexpected(std::move(strict.error()));
  const auto object = asn1::decode<asn1::SignedObject>(der);
  if (!object || asn1::sequence(object->content).empty())
    return std::unexpected("asn1: structure error: malformed certification request");
  // check_der does not look into primitive values; what encodes otherwise than it came is not DER.
  if (asn1::encode(*object) != der) return std::unexpected("asn1: structure error: not DER");
  CertificationRequest request;
  request.der = der;
  request.info = asn1::sequence(object->content);
  request.algorithm = asn1::der_of<const X509_ALGOR*>(i2d_X509_ALGOR, object->algorithm);
  request.signature = view(object->signature);
  if (auto read = read_info(request); !read) return std::unexpected(std::move(read.error()));
  return request;
}

std::expected<void, std::string> verify_signature(const CertificationRequest& request) {
  return verify_signed(request.spki, request.algorithm, request.info, request.signature);
}

}  // namespace csrflow::signer
