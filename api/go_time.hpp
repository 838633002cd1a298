// Times as Go's time.Parse reads them in the layout of RFC 3339: more than the RFC allows.
#pragma once

#include <expected>
#include <string>

#include "engine/types.hpp"

namespace csrflow::api {

/// 0001-01-01T00:00:00Z: Go's "no time".
constexpr engine::Timestamp go_zero_time{-62'135'596'800'000'000};

/// The problem is worded as Go words it. Fractions of a second beyond microseconds are cut.
std::expected<engine::Timestamp, std::string> parse_go_time(const std::string& text);

}  // namespace csrflow::api
