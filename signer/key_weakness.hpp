// Keys that must not be certified although their signatures verify: too small, or made by a generator that is
// known to be broken.
#pragma once

#include <optional>

#include "signer/request_parts.hpp"

namespace csrflow::signer {

/// Why the key must not be certified, or nothing; takes some 0.3 ms for RSA of 2048 bits. The checks, all of
/// RSA: a size of whole octets up to 8192 bits; an odd exponent from 65537 on; a modulus without factors up
/// to 751, that is no product of close primes (Fermat's method) and without the fingerprint of ROCA
/// (CVE-2017-15361). Of Ed25519: a canonical point of large order (RFC 8032 5.1.3). Of ECDSA: a curve with a
/// name.
std::optional<std::string> weakness(const RequestParts::Key&);

/// OpenSSL's full check of a public key, which finds what `weakness` does not (a prime modulus, powers of
/// primes); 2.4 ms for RSA of 2048 bits.
std::optional<std::string> unsound(std::string_view spki);

}  // namespace csrflow::signer
