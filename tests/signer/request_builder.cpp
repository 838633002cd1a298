#include "tests/signer/request_builder.hpp"

#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "engine/ip_address.hpp"
#include "signer/asn1.hpp"
#include "signer/keys.hpp"
#include "signer/pem.hpp"

namespace csrflow::signer::testing {
namespace {

using RequestPtr = Handle<X509_REQ, X509_REQ_free>;

NumberPtr number(const char* hex) {
  BIGNUM* made = nullptr;
  require(BN_hex2bn(&made, hex) > 0, "read hex");
  return NumberPtr(made);
}

engine::Bytes names_extension(const Ask& ask) {
  const auto names = general_names(ask.names);
  for (const engine::Bytes& der : ask.other_names) {
    const unsigned char* at = octets(der);
    GeneralNamePtr name(
        require(d2i_GENERAL_NAME(nullptr, &at, static_cast<long>(der.size())), "read a name"));
    require(sk_GENERAL_NAME_push(names.get(), name.release()) > 0, "add a name");
  }
  return asn1::der_of<const GENERAL_NAMES*>(i2d_GENERAL_NAMES, names.get());
}

void add_extension(X509_EXTENSIONS* list, const char* oid, bool critical, std::string_view value) {
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> id(require(OBJ_txt2obj(oid, 0), "read an OID"));
  const OctetStringPtr content(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(content.get(), octets(value), static_cast<int>(value.size()));
  const Handle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, id.get(), critical ? 1 : 0, content.get()));
  require(X509v3_add_ext(&list, extension.get(), -1) != nullptr, "add an extension");
}

void add_extensions(X509_REQ* request, const Ask& ask) {
  const ExtensionsPtr list(sk_X509_EXTENSION_new_null());
  if (!ask.names.empty() || !ask.other_names.empty())
    add_extension(list.get(), "subjectAltName", false, names_extension(ask));
  for (const RawExtension& extension : ask.extensions)
    add_extension(list.get(), extension.oid.c_str(), extension.critical, extension.value);
  if (sk_X509_EXTENSION_num(list.get()) > 0)
    require(X509_REQ_add_extensions(request, list.get()) == 1, "add extensions");
}

/// Puts other bytes in the place of the request's key.
engine::Bytes with_spki(const X509_REQ* request, const engine::Bytes& spki) {
  const auto signed_object =
      asn1::decode<asn1::SignedObject>(asn1::der_of<const X509_REQ*>(i2d_X509_REQ, request));
  const auto info = asn1::decode<asn1::RequestInfo>(asn1::sequence(signed_object->content));
  ASN1_TYPE_free(info->spki);
  info->spki = asn1::any(spki).release();
  ASN1_TYPE_free(signed_object->content);
  signed_object->content = asn1::any(asn1::encode(*info)).release();
  return asn1::encode(*signed_object);
}

}  // namespace

KeyPtr rsa_key(unsigned bits) {
  return KeyPtr(require(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits}), "make a key"));
}
KeyPtr ec_key(const char* curve) {
  return KeyPtr(require(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), "make a key"));
}

engine::Bytes rsa_spki(const char* modulus, const char* exponent) {
  const auto key = asn1::make<asn1::RsaKey>();
  BN_to_ASN1_INTEGER(number(modulus).get(), key->modulus);
  BN_to_ASN1_INTEGER(number(exponent).get(), key->exponent);
  const auto info = asn1::make<asn1::KeyInfo>();
  X509_ALGOR_set0(info->algorithm, OBJ_nid2obj(NID_rsaEncryption), V_ASN1_NULL, nullptr);
  asn1::set_octets(info->key, asn1::encode(*key));
  return asn1::encode(*info);
}

engine::Bytes ed25519_spki(std::string_view point) {
  const auto info = asn1::make<asn1::KeyInfo>();
  X509_ALGOR_set0(info->algorithm, OBJ_nid2obj(NID_ED25519), V_ASN1_UNDEF, nullptr);
  asn1::set_octets(info->key, point);
  return asn1::encode(*info);
}

std::string Ask::pem() const {
  const KeyPtr own = key ? nullptr : generate_p256();
  EVP_PKEY* with = key ? key.get() : own.get();
  const RequestPtr request(require(X509_REQ_new(), "make a request"));
  X509_REQ_set_version(request.get(), 0);
  X509_REQ_set_pubkey(request.get(), with);
  for (const Attribute& attribute : subject) {
    const NameEntryPtr entry(X509_NAME_ENTRY_create_by_NID(nullptr, attribute.nid, attribute.type,
                                                           octets(attribute.value),
                                                           static_cast<int>(attribute.value.size())));
    require(entry && X509_NAME_add_entry(X509_REQ_get_subject_name(request.get()), entry.get(), -1,
                                         attribute.to_last_rdn ? -1 : 0) == 1,
            "build a subject");
  }
  add_extensions(request.get(), *this);
  for (const auto& [nid, text] : attributes)
    require(X509_REQ_add1_attr_by_NID(request.get(), nid, V_ASN1_UTF8STRING, octets(text),
                                      static_cast<int>(text.size())) == 1,
            "add an attribute");
  const bool eddsa = EVP_PKEY_is_a(with, "ED25519") == 1 || EVP_PKEY_is_a(with, "ED448") == 1;
  require(X509_REQ_sign(request.get(), with, eddsa ? nullptr : EVP_get_digestbyname(digest)) > 0,
          "sign a request");
  return to_pem("CERTIFICATE REQUEST", spki.empty()
                                           ? asn1::der_of<const X509_REQ*>(i2d_X509_REQ, request.get())
                                           : with_spki(request.get(), spki));
}

engine::Bytes address(const char* text) {
  const auto parsed = engine::IpAddress::parse(text).value();
  return {reinterpret_cast<const char*>(parsed.bytes.data()), parsed.v6 ? 16U : 4U};
}

}  // namespace csrflow::signer::testing
