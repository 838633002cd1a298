// Instants as people write them on the command line.
#pragma once

#include <expected>
#include <string>

#include "engine/types.hpp"

namespace csrflow::tools {

enum class DayEdge { begin, end };

/// RFC 3339, or `2026-03-03`: the begin of that day in UTC, or its end, which is the last microsecond in it.
std::expected<engine::Timestamp, std::string> parse_instant(const std::string& text, DayEdge);

}  // namespace csrflow::tools
