#include "api/forecast_request.hpp"

#include <charconv>

#include "engine/forecast.hpp"

namespace csrflow::api {
namespace {

/// Nothing: not a number of days that can be looked ahead.
std::optional<unsigned> days_of(const Query& query) {
  const std::string text = query.first("days").value_or(std::to_string(engine::default_forecast_days));
  unsigned days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return days >= 1 && days <= engine::most_forecast_days ? std::optional(days) : std::nullopt;
}

}  // namespace

bool is_forecast(const Target& target) {
  return target.is_resource && target.group == "csrflow.io" && target.version == "v1" &&
         target.resource == "forecast" && target.namespace_name.empty();
}

void forecast_request(const CallPtr& call) {
  const auto& target = call->target;
  if (target.malformed || target.named || !target.subresource.empty() || !call->core.deps.forecast)
    return call->fail(status::no_such_resource());
  if (target.verb != "list" || call->request().method != "GET")
    return call->fail(status::method_not_allowed());
  const auto days = days_of(call->query);
  if (!days)
    return call->fail(
        status::bad_request("days must be a number from 1 to " + std::to_string(engine::most_forecast_days)));
  on_worker(call, [call, days = *days] {
    call->form = {.pretty = call->pretty};
    call->send(200, call->core.deps.forecast(days));
  });
}

}  // namespace csrflow::api
