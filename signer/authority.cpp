#include "signer/authority.hpp"

#include <openssl/err.h>

#include <ctime>

#include "signer/asn1.hpp"
#include "signer/pem.hpp"
#include "signer/subject.hpp"
#include "signer/verify.hpp"

namespace csrflow::signer {
namespace {

engine::Timestamp instant(const ASN1_TIME* time) {
  std::tm parts{};
  require(ASN1_TIME_to_tm(time, &parts) == 1, "read a time");
  return engine::from_seconds(timegm(&parts));
}

std::expected<SignatureAlgorithm, std::string> algorithm_of_spki(std::string_view spki) {
  const auto key = public_key(spki);
  if (!key) return std::unexpected(key.error());
  return algorithm_for(**key);
}

}  // namespace

engine::Bytes key_identifier(std::string_view spki) {
  constexpr std::size_t length = 20;
  const auto info = asn1::decode<asn1::KeyInfo>(spki);
  if (!info) throw std::invalid_argument("malformed public key");
  return sha256(view(info->key)).substr(0, length);
}

std::expected<Authority, std::string> read_authority(std::string_view pem) {
  const auto found = find_pem(pem);
  if (!found || found->block.type != "CERTIFICATE")
    return std::unexpected("the CA certificate is not a PEM block CERTIFICATE");
  const auto& der = found->block.der;
  const unsigned char* at = octets(der);
  const CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != octets(der) + der.size())
    return std::unexpected("the CA certificate cannot be read: " + drain_errors());
  if (X509_check_ca(certificate.get()) != 1)
    return std::unexpected(
        "the CA certificate is not one of a CA: it lacks basic constraints CA:TRUE or the key "
        "usage keyCertSign");
  const auto* key_id = X509_get0_subject_key_id(certificate.get());
  if (key_id == nullptr) return std::unexpected("the CA certificate has no subject key identifier");
  Authority authority{
      .pem = to_pem("CERTIFICATE", der),
      .der = der,
      .subject = asn1::der_of<const X509_NAME*>(i2d_X509_NAME, X509_get_subject_name(certificate.get())),
      .spki = asn1::der_of<const X509_PUBKEY*>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(certificate.get())),
      .key_id = engine::Bytes(view(key_id)),
      .ski = engine::to_hex(view(key_id)),
      .not_before = instant(X509_get0_notBefore(certificate.get())),
      .not_after = instant(X509_get0_notAfter(certificate.get())),
  };
  if (is_empty_name(authority.subject)) return std::unexpected("the CA certificate has an empty subject");
  const auto algorithm = algorithm_of_spki(authority.spki);
  if (!algorithm) return std::unexpected(algorithm.error());
  authority.algorithm = *algorithm;
  return authority;
}

AuthorityDraft draft_authority(std::string_view spki, engine::Timestamp now,
                               std::span<const std::uint8_t, 16> random) {
  constexpr std::size_t shown_digits = 8;
  const auto algorithm = algorithm_of_spki(spki);
  if (!algorithm) throw std::invalid_argument(algorithm.error());
  const engine::Bytes key_id = key_identifier(spki);
  const std::string ski = engine::to_hex(key_id);
  Subject subject;
  subject.common_name = "csrflow CA " + ski.substr(0, shown_digits);
  const engine::Timestamp start = now.cut_to_seconds() - backdating;
  CertificateFields fields;
  fields.serial = serial_from(random);
  fields.algorithm = *algorithm;
  fields.issuer = fields.subject = encode_subject(subject);
  fields.spki = spki;
  fields.validity = {start, start + authority_lifetime};
  fields.authority_key_id = key_id;
  return {fields.serial, fields.validity, ski, authority_tbs(fields)};
}

engine::Bytes assemble_certificate(std::string_view tbs, SignatureAlgorithm algorithm,
                                   std::string_view signature) {
  const auto object = asn1::make<asn1::SignedObject>();
  AnyPtr content = asn1::any(tbs);
  if (asn1::sequence(content.get()).empty()) throw std::invalid_argument("TBSCertificate is not a SEQUENCE");
  ASN1_TYPE_free(object->content);
  object->content = content.release();
  set_algorithm(object->algorithm, algorithm);
  asn1::set_octets(object->signature, signature);
  return asn1::encode(*object);
}

std::string fingerprint_of(std::string_view der) {
  return engine::to_hex(sha256(der));
}

engine::IssuedCertificate issued_certificate(std::string_view der) {
  return {to_pem("CERTIFICATE", der), fingerprint_of(der)};
}

}  // namespace csrflow::signer
