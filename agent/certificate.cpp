#include "agent/certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

namespace csrflow::agent {
namespace {

engine::Timestamp instant(const ASN1_TIME* time) {
  std::tm parts{};
  require(ASN1_TIME_to_tm(time, &parts) == 1, "read a time");
  return engine::from_seconds(::timegm(&parts));
}

engine::Serial serial_of(X509* certificate) {
  const auto der = der_of<const ASN1_INTEGER>(i2d_ASN1_INTEGER, X509_get_serialNumber(certificate));
  const unsigned char* at = octets(der);
  long length = 0;
  int tag = 0, kind = 0;
  require((static_cast<unsigned>(ASN1_get_object(&at, &length, &tag, &kind, static_cast<long>(der.size()))) &
           0x80U) == 0,
          "read a serial number");
  return {{reinterpret_cast<const char*>(at), static_cast<std::size_t>(length)}};
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::expected<std::vector<CertificateHandle>, std::string> read_certificates(std::string_view pem,
                                                                             std::size_t most) {
  const BioHandle bio = reading(pem);
  std::vector<CertificateHandle> certificates;
  while (CertificateHandle next{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)}) {
    if (certificates.size() == most)
      return std::unexpected("holds more than " + std::to_string(most) + " certificates");
    certificates.push_back(std::move(next));
  }
  const auto error = ERR_peek_last_error();
  const bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  const std::string why = drain_errors();
  if (!at_end) return std::unexpected("cannot be read as PEM certificates: " + why);
  if (certificates.empty()) return std::unexpected("holds no certificate in PEM");
  return certificates;
}

LeafFacts facts_of(X509* certificate) {
  return {serial_of(certificate), instant(X509_get0_notBefore(certificate)),
          instant(X509_get0_notAfter(certificate)), der_of<const X509>(i2d_X509, certificate)};
}

std::expected<LeafFacts, std::string> read_leaf(std::string_view pem) {
  const auto chain = read_certificates(pem, max_chain_length);
  if (!chain) return std::unexpected(chain.error());
  return facts_of(chain->front().get());
}

}  // namespace csrflow::agent
