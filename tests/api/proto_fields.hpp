// Protobuf messages taken apart, for tests of what is written.
#pragma once

#include <map>
#include <string>

#include "tests/catch.hpp"

namespace csrflow::api::test {

/// The fields of a protobuf message: number → values. Only varints and what has a length.
using Fields = std::multimap<unsigned, std::string>;

inline Fields fields_of(std::string_view bytes) {
  Fields fields;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      REQUIRE_FALSE(bytes.empty());
      const auto byte = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (!bytes.empty()) {
    const auto key = varint();
    if (key % 8 == 0) {
      fields.emplace(static_cast<unsigned>(key / 8), std::to_string(varint()));
      continue;
    }
    REQUIRE(key % 8 == 2);
    const auto length = varint();
    REQUIRE(length <= bytes.size());
    fields.emplace(static_cast<unsigned>(key / 8), std::string(bytes.substr(0, length)));
    bytes.remove_prefix(length);
  }
  return fields;
}

inline std::string only(const Fields& fields, unsigned number) {
  REQUIRE(fields.count(number) == 1);
  return fields.find(number)->second;
}

}  // namespace csrflow::api::test
