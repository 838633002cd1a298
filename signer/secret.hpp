// Bytes that must not stay in memory: overwritten when they go out of scope.
#pragma once

#include <openssl/crypto.h>

#include <string>
#include <string_view>

namespace csrflow::signer {

/// Moves, never copies.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  Secret(Secret&& other) noexcept { take(other); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      cleanse();
      take(other);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { cleanse(); }

  std::string_view view() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  // A short string lives inside the object, so that moving leaves its bytes behind: they are overwritten.
  void take(Secret& other) {
    bytes_ = other.bytes_;
    other.cleanse();
  }
  void cleanse() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
    bytes_.clear();
  }
  std::string bytes_;
};

}  // namespace csrflow::signer
