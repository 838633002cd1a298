// What the API must know of requests and certificates that come from outside.
#pragma once

#include "engine/ports.hpp"

namespace csrflow::signer {

constexpr std::size_t max_certificate_blocks = 16;

/// Thread-safe.
class OpenSslInspector : public engine::PkixInspector {
 public:
  std::expected<engine::RequestSubject, std::string> verify_request(const engine::Bytes& pem) const override;
  std::expected<engine::CertificateFacts, std::string> check_certificate(
      const engine::Bytes& pem) const override;
  std::expected<void, std::string> check_rekey(const engine::RekeyClaim&) const override;
};

}  // namespace csrflow::signer
