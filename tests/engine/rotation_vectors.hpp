// Golden values made by an independent program, and how they are written.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/types.hpp"

namespace csrflow::engine::test {

inline nlohmann::json rotation_vectors() {
  std::ifstream file(SOURCE_ROOT "/tests/engine/vectors/rotation.json");
  return nlohmann::json::parse(file);
}
inline Timestamp time_of(const std::string& text) {
  return parse_rfc3339(text).value();
}
inline Serial serial_of(const std::string& hex) {
  return {from_hex(hex).value()};
}
inline std::uint64_t jitter_of(const std::string& hex) {
  return std::stoull(hex, nullptr, 16);
}
constexpr Duration days(std::int64_t n) {
  return seconds(n * 86400);
}
constexpr Duration hours(std::int64_t n) {
  return seconds(n * 3600);
}

}  // namespace csrflow::engine::test
