#include "engine/forecast.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/json_writer.hpp"
#include "engine/millionths.hpp"
#include "engine/rotation.hpp"

namespace csrflow::engine {
namespace {

constexpr Duration day = seconds(86'400);

Timestamp midnight(Timestamp t) {
  return {t.microseconds - t.microseconds % day.microseconds};
}

/// Nothing: before or after the days.
std::optional<std::size_t> day_of(const Forecast& forecast, Timestamp t) {
  if (t < forecast.days.front().begin) return std::nullopt;
  const auto index =
      static_cast<std::size_t>((t - forecast.days.front().begin).microseconds / day.microseconds);
  return index < forecast.days.size() ? std::optional(index) : std::nullopt;
}

/// How long after one rotation the next one is due.
Duration step_of(Duration lifetime) {
  const WindowRule window;
  return std::max(part_of(lifetime, (window.from + window.to) / 2), seconds(1));
}

/// Rotations at first, first + step, … before `end`.
std::int64_t rotations_before(Timestamp end, Timestamp first, Duration step) {
  if (end <= first) return 0;
  return ((end - first).microseconds - 1) / step.microseconds + 1;
}

void add(Forecast& forecast, const ComingRotations& coming) {
  const Timestamp first = std::max(coming.due, forecast.now);
  const Duration step = step_of(coming.lifetime);
  if (step >= day) {
    for (Timestamp t = first; const auto index = day_of(forecast, t); t = t + step)
      forecast.days[*index].rotations += coming.count;
    return;
  }
  for (ForecastDay& one : forecast.days) {
    const auto times =
        rotations_before(one.begin + day, first, step) - rotations_before(one.begin, first, step);
    one.rotations += coming.count * static_cast<std::uint64_t>(times);
  }
}

void add(Forecast& forecast, const ComingEnds& coming) {
  forecast.certificates += coming.rotating + coming.unattended;
  forecast.unattended += coming.unattended;
  const auto index = day_of(forecast, coming.at);
  if (!index) return;
  forecast.days[*index].expiring += coming.rotating + coming.unattended;
  forecast.days[*index].unattended += coming.unattended;
}

std::int64_t number(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}

}  // namespace

std::uint64_t Forecast::rotations() const {
  std::uint64_t all = 0;
  for (const ForecastDay& one : days) all += one.rotations;
  return all;
}

const ForecastDay* Forecast::busiest() const {
  const auto most = std::ranges::max_element(days, {}, &ForecastDay::rotations);
  return most == days.end() || most->rotations == 0 ? nullptr : &*most;
}

Forecast forecast(Timestamp now, unsigned days, const std::vector<ComingRotations>& rotations,
                  const std::vector<ComingEnds>& ends) {
  Forecast made{.now = now};
  Timestamp begin = midnight(now);
  for (unsigned i = 0; i < std::clamp(days, 1U, most_forecast_days); ++i, begin = begin + day)
    made.days.push_back({.begin = begin});
  for (const ComingRotations& coming : rotations) add(made, coming);
  for (const ComingEnds& coming : ends) add(made, coming);
  return made;
}

std::string forecast_json(const Forecast& forecast) {
  std::string out;
  {
    JsonObject object(out);
    object.text("kind", "Forecast");
    object.text("apiVersion", "csrflow.io/v1");
    object.text("now", rfc3339_seconds(forecast.now));
    object.number("position", number(forecast.position.value));
    object.number("days", number(forecast.days.size()));
    object.number("certificates", number(forecast.certificates));
    object.number("withoutRotation", number(forecast.unattended));
    object.number("signatures", number(forecast.rotations()));
    if (const auto* busiest = forecast.busiest()) {
      object.text("busiestDay", rfc3339_seconds(busiest->begin).substr(0, 10));
      object.number("signaturesOnBusiestDay", number(busiest->rotations));
    }
    std::string& items = object.key("items") += '[';
    bool first = true;
    for (const ForecastDay& one : forecast.days) {
      if (one.rotations + one.expiring == 0) continue;
      if (!std::exchange(first, false)) items += ',';
      JsonObject item(items);
      item.text("day", rfc3339_seconds(one.begin).substr(0, 10));
      item.number("rotations", number(one.rotations));
      item.number("expiring", number(one.expiring));
      item.number("withoutRotation", number(one.unattended));
    }
    items += ']';
  }
  return out;
}

}  // namespace csrflow::engine
