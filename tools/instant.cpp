#include "tools/instant.hpp"

namespace csrflow::tools {
namespace {

constexpr engine::Duration day = engine::seconds(86'400);
constexpr std::size_t date_size = std::string_view("2026-03-03").size();

}  // namespace

std::expected<engine::Timestamp, std::string> parse_instant(const std::string& text, DayEdge edge) {
  const bool date = text.size() == date_size;
  const auto instant = engine::parse_rfc3339(date ? text + "T00:00:00Z" : text);
  if (!instant) return std::unexpected("`" + text + "` is no time: write 2026-03-03 or 2026-03-03T10:00:00Z");
  if (!date || edge == DayEdge::begin) return *instant;
  return *instant + day - engine::Duration{1};
}

}  // namespace csrflow::tools
