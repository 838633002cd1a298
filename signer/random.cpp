#include "signer/random.hpp"

#include <openssl/rand.h>

#include <algorithm>

#include "signer/openssl.hpp"

namespace csrflow::signer {
namespace {

constexpr std::size_t block_size = 4096;
/// Longer draws go to the generator directly.
constexpr std::size_t max_from_block = 512;

void draw(std::span<std::uint8_t> out) {
  require(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "draw random bytes");
}

class Block {
 public:
  ~Block() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  void take(std::span<std::uint8_t> out) {
    if (bytes_.size() - used_ < out.size()) {
      draw(bytes_);
      used_ = 0;
    }
    const auto part = std::span(bytes_).subspan(used_, out.size());
    std::ranges::copy(part, out.begin());
    OPENSSL_cleanse(part.data(), part.size());  // what was handed out is not here any more
    used_ += out.size();
  }

 private:
  std::array<std::uint8_t, block_size> bytes_{};
  std::size_t used_ = block_size;
};

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> out) {
  thread_local Block block;
  if (out.size() <= max_from_block) {
    block.take(out);
  } else {
    draw(out);
  }
}

}  // namespace csrflow::signer
