// Durations as Go's time.ParseDuration reads them, with its words for what is none.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace csrflow::api {

/// `1h30m`, `-1.5s`, `0`: in nanoseconds. Else why not: `time: missing unit in duration "5"`.
std::expected<std::int64_t, std::string> parse_go_duration(std::string_view);

}  // namespace csrflow::api
