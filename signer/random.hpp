// The operating system's randomness through OpenSSL, drawn in blocks: a draw of 16 bytes takes 10 ns, not
// 900.
#pragma once

#include "engine/ports.hpp"

namespace csrflow::signer {

/// Thread-safe: each thread has its own block. The process must not fork and go on in both.
class SystemRandom : public engine::Random {
 public:
  /// Throws OpenSslError.
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace csrflow::signer
