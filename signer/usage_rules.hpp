// Which usages a certificate may have together, and with which key (RFC 5280 4.2.1.3, 8410, 8813, 3161).
#pragma once

#include <optional>
#include <string>

#include "signer/usages.hpp"

namespace csrflow::signer {

/// Bits of KeyUsage that a key of this algorithm (`RSA`, `ECDSA`, `Ed25519`) cannot serve.
std::uint16_t unfit_bits(std::string_view key_algorithm);
/// `key encipherment`: Kubernetes' name of the lowest of these bits.
std::string_view name_of_bit(std::uint16_t bits);

/// Why these do not go together, or nothing.
std::optional<std::string> usage_conflict(const KeyUsages&, std::string_view key_algorithm);

}  // namespace csrflow::signer
