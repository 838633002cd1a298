#include "signer/inspector.hpp"

#include <openssl/err.h>

#include <ctime>
#include <optional>

#include "signer/asn1.hpp"
#include "signer/authority.hpp"
#include "signer/der.hpp"
#include "signer/pem.hpp"
#include "signer/pkcs10.hpp"
#include "signer/rekey.hpp"

namespace csrflow::signer {
namespace {

using engine::CertificateFacts;

std::optional<engine::Timestamp> instant(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return engine::from_seconds(timegm(&parts));
}

/// The INTEGER's content octets: what follows its tag and length.
engine::Serial serial_of(const X509* certificate) {
  const engine::Bytes der =
      asn1::der_of<const ASN1_INTEGER*>(i2d_ASN1_INTEGER, X509_get0_serialNumber(certificate));
  const auto length = static_cast<unsigned char>(der[1]);
  const std::size_t header = length < 0x80 ? 2 : 2U + (length & 0x7fU);
  return {der.substr(header)};
}

std::expected<CertificateFacts, std::string> facts_of(std::string_view der) {
  if (auto strict = check_der(der); !strict) return std::unexpected(std::move(strict.error()));
  const unsigned char* at = octets(der);
  const CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!certificate || at != octets(der) + der.size()) return std::unexpected("x509: malformed certificate");
  const auto not_before = instant(X509_get0_notBefore(certificate.get()));
  const auto not_after = instant(X509_get0_notAfter(certificate.get()));
  ERR_clear_error();
  if (!not_before || !not_after) return std::unexpected("x509: malformed validity");
  return CertificateFacts{serial_of(certificate.get()), *not_before, *not_after, fingerprint_of(der)};
}

}  // namespace

std::expected<engine::RequestSubject, std::string> OpenSslInspector::verify_request(
    const engine::Bytes& pem) const {
  auto request = parse_request_pem(pem);
  if (!request) return std::unexpected(std::move(request.error()));
  if (auto verified = verify_signature(*request); !verified)
    return std::unexpected(std::move(verified.error()));
  return engine::RequestSubject{std::move(request->subject.common_name),
                                std::move(request->subject.organization)};
}

// A block may hold several certificates one after the other, as crypto/x509 reads it.
std::expected<CertificateFacts, std::string> OpenSslInspector::check_certificate(
    const engine::Bytes& pem) const {
  std::optional<CertificateFacts> leaf;
  std::size_t blocks = 0;
  std::string_view rest = pem;
  while (const auto found = find_pem(rest)) {
    rest = found->rest;
    const auto& block = found->block;
    if (block.type != "CERTIFICATE")
      return std::unexpected("only CERTIFICATE PEM blocks are allowed, found \"" + block.type + "\"");
    if (block.has_headers) return std::unexpected("no PEM block headers are permitted");
    if (++blocks > max_certificate_blocks) return std::unexpected("too many CERTIFICATE PEM blocks");
    if (block.der.empty()) return std::unexpected("found CERTIFICATE PEM block containing 0 certificates");
    for (std::string_view der = block.der; !der.empty();) {
      const std::size_t length = element_length(der);
      auto facts = facts_of(length == 0 ? der : der.substr(0, length));
      if (!facts) return std::unexpected(std::move(facts.error()));
      if (!leaf) leaf = std::move(*facts);
      der.remove_prefix(length);
    }
  }
  if (!leaf) return std::unexpected("must contain at least one CERTIFICATE PEM block");
  return std::move(*leaf);
}

std::expected<void, std::string> OpenSslInspector::check_rekey(const engine::RekeyClaim& claim) const {
  return verify_rekey(claim);
}

}  // namespace csrflow::signer
