// A certificate as it lies on the host, and what its meta.json says.
#pragma once

#include "engine/types.hpp"

namespace csrflow::agent {

struct VersionFacts {
  engine::Serial serial;
  engine::Timestamp not_before, not_after;
  engine::Timestamp issued_at;  ///< when the server signed it
  std::string request;          ///< its name
  std::int64_t generation = 0;
  engine::Timestamp installed_at;
  std::string replaces;  ///< the version that `current` was before; empty for the first
  bool operator==(const VersionFacts&) const = default;
};
struct Version {
  std::string name;  ///< `20260301T120000Z-7f01…`: when it was installed, and its serial in hex
  VersionFacts facts;
};

constexpr std::size_t max_meta_bytes = 16 * 1024;

/// `20260301T120000Z-7f01…`.
std::string version_name(const VersionFacts&);
std::string to_json(const VersionFacts&);
/// The error says what is wrong in the text.
std::expected<VersionFacts, std::string> parse_version_facts(std::string_view json);

}  // namespace csrflow::agent
