// A protobuf message that is written field by field, for documents whose messages are only ever written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace csrflow::api {

class ProtoMessage {
 public:
  /// A text, bytes, or a message that is written already.
  void text(unsigned number, std::string_view value) {
    varint(number << 3 | length_delimited);
    varint(value.size());
    bytes_ += value;
  }
  void message(unsigned number, const ProtoMessage& value) { text(number, value.bytes_); }
  void flag(unsigned field, bool value) { number(field, value ? 1 : 0); }
  /// An integer that is not negative.
  void number(unsigned field, std::uint64_t value) {
    varint(field << 3);
    varint(value);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  static constexpr std::uint64_t length_delimited = 2;  // wire type, developers.google.com/protocol-buffers

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

}  // namespace csrflow::api
