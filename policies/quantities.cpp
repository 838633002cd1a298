#include "policies/quantities.hpp"

#include "engine/leading_number.hpp"

namespace csrflow::policies {
namespace {

constexpr auto rate_form = "a rate is a number and a period of s, m, h or d, as 20/h";

}  // namespace

std::expected<Rate, std::string> parse_rate(std::string_view text) {
  const auto limit = engine::take_number(text);
  if (!limit || text.size() < 2 || text.front() != '/') return std::unexpected(rate_form);
  text.remove_prefix(1);
  // `h` alone is `1h`.
  const auto period = parse_duration(text.size() == 1 ? '1' + std::string(text) : std::string(text));
  if (!period || period->microseconds == 0) return std::unexpected(rate_form);
  return Rate{*limit, *period};
}

std::string rate_text(const Rate& rate) {
  const std::string period = duration_text(rate.period);
  return std::to_string(rate.limit) + '/' +
         (period.starts_with('1') && period.size() == 2 ? period.substr(1) : period);
}

}  // namespace csrflow::policies
