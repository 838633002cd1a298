// Kubernetes' names of key usages and what they mean in a certificate (RFC 5280 4.2.1.3, 4.2.1.12).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::signer {

struct KeyUsages {
  std::uint16_t bits = 0;     ///< bit n set = named bit n of KeyUsage: 0 digitalSignature … 8 decipherOnly
  std::vector<int> extended;  ///< OpenSSL's NIDs in the order of issued certificates, each once
};

/// Unknown names mean nothing: the API has refused them.
KeyUsages key_usages(std::span<const std::string> names);
/// All names that mean something.
std::vector<std::string_view> usage_names();

}  // namespace csrflow::signer
