// Durations and rates as policies write them.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "engine/duration.hpp"

namespace csrflow::policies {

using engine::duration_text;
using engine::max_duration_seconds;
using engine::parse_duration;

/// `20/h`: at most so many within the period.
struct Rate {
  std::int64_t limit = 0;
  engine::Duration period;
  bool operator==(const Rate&) const = default;
};
std::expected<Rate, std::string> parse_rate(std::string_view text);
std::string rate_text(const Rate&);

}  // namespace csrflow::policies
