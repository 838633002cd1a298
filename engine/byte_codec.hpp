// Numbers and texts as few bytes: for what is stored in views and read back by the same program.
#pragma once

#include <stdexcept>

#include "engine/types.hpp"

namespace csrflow::engine {

/// Numbers are little-endian base 128 (LEB128), texts follow their length.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  void byte(std::uint8_t value) { out_ += static_cast<char>(value); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }
  /// Without a length: the reader knows it.
  void raw(std::string_view value) { out_ += value; }

 private:
  Bytes& out_;
};

/// Throws std::runtime_error when the bytes end too early.
class ByteReader {
 public:
  explicit ByteReader(std::string_view in) : in_(in) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(raw(1).front()); }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= std::uint64_t{next & 0x7Fu} << shift;
      if (next < 0x80) return value;
    }
    throw std::runtime_error("a number is too long");
  }
  std::string_view text() { return raw(number()); }
  std::string_view raw(std::uint64_t size) {
    if (size > in_.size()) throw std::runtime_error("the bytes end too early");
    const std::string_view value = in_.substr(0, size);
    in_.remove_prefix(size);
    return value;
  }
  bool at_end() const { return in_.empty(); }

 private:
  std::string_view in_;
};

}  // namespace csrflow::engine
