// A CA of the tests' own: certificates as they should be, and in every way in which they should not.
#pragma once

#include "agent/certificate.hpp"
#include "agent/key.hpp"

namespace csrflow::agent::test {

/// 2026-07-01T12:00:00Z
constexpr engine::Timestamp noon = engine::from_seconds(1'782'907'200);

/// How a certificate differs from what was asked for; absent: as the request says.
struct Issue {
  engine::Timestamp not_before = noon, not_after = noon + engine::seconds(86'400);
  long serial = 0x7f01;
  std::optional<std::string> names;  ///< as OpenSSL's configuration has them: `DNS:web-1.example.com`
  std::optional<std::string> common_name;
  std::optional<std::string> key_usage, extended_usage;
  const PrivateKey* key = nullptr;  ///< in place of the request's
};

class Authority {
 public:
  explicit Authority(const std::string& common_name = "example authority");

  /// PEM of a leaf for the PKCS#10 (PEM).
  engine::Bytes issue(std::string_view request_pem, const Issue& = {}) const;
  /// PEM.
  const engine::Bytes& certificate() const { return pem_; }
  /// DER of a CRL with these serials.
  engine::Bytes revoke(std::initializer_list<long> serials) const;
  /// A CA under this one.
  Authority intermediate(const std::string& common_name) const;

 private:
  Authority(const std::string& common_name, const Authority* issuer);

  PrivateKey key_;
  CertificateHandle self_;
  engine::Bytes pem_;
};

}  // namespace csrflow::agent::test
