// Kubernetes' names of key usages and what they mean in a certificate (RFC 5280 4.2.1.3, 4.2.1.12).
#pragma once

#include <cstdint>
#include <expected>
#include <set>
#include <span>
#include <string>

namespace csrflow::agent {

struct Usages {
  std::uint16_t bits = 0;  ///< bit n set = named bit n of KeyUsage: 0 digitalSignature … 8 decipherOnly
  std::set<int> extended;  ///< OpenSSL's NIDs
};

/// The error names the unknown one.
std::expected<Usages, std::string> read_usages(std::span<const std::string> names);
/// `digital signature`, of bit 0; `server auth` of its NID.
std::string name_of_bit(unsigned bit);
std::string name_of_extended(int nid);

}  // namespace csrflow::agent
