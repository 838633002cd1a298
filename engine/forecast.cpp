#include "engine/forecast.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "engine/json_writer.hpp"

namespace csrflow::engine {
namespace {

constexpr Duration day = seconds(86'400), minute = seconds(60);

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

/// Rotations at first, first + step, … before `end`.
std::int64_t rotations_before(Timestamp end, Timestamp first, Duration step) {
  if (end <= first) return 0;
  return ((end - first).microseconds - 1) / step.microseconds + 1;
}

void add(Forecast& forecast, const ComingRotations& coming) {
  std::vector<std::uint64_t>& by_day = forecast.signers[coming.signer].rotations;
  by_day.resize(forecast.days.size());
  const Timestamp first = std::max(coming.due, forecast.now);
  const Duration step = std::max(coming.step, seconds(1));
  if (step >= day) {
    for (Timestamp t = first; const auto index = day_of(forecast, t); t = t + step)
      by_day[*index] += coming.count;
    return;
  }
  for (std::size_t i = 0; i < by_day.size(); ++i) {
    const Timestamp begin = forecast.days[i].begin;
    const auto times = rotations_before(begin + day, first, step) - rotations_before(begin, first, step);
    by_day[i] += coming.count * static_cast<std::uint64_t>(times);
  }
}

/// What is overdue is no matter of the jitter, but of caps.
void find_busiest_minutes(Forecast& forecast, const std::vector<ComingRotations>& rotations) {
  std::map<std::pair<std::string_view, std::int64_t>, std::uint64_t> by_minute;
  for (const ComingRotations& coming : rotations)
    if (coming.due >= forecast.now && day_of(forecast, coming.due))
      by_minute[{coming.signer, coming.due.microseconds / minute.microseconds}] += coming.count;
  for (const auto& [key, count] : by_minute) {
    std::uint64_t& most = forecast.signers.find(std::string(key.first))->second.busiest_minute;
    most = std::max(most, count);
  }
}

void add(Forecast& forecast, const ComingEnds& coming) {
  forecast.certificates += coming.rotating + coming.unattended;
  forecast.unattended += coming.unattended;
  SignerForecast& signer = forecast.signers[coming.signer];
  signer.rotations.resize(forecast.days.size());
  signer.certificates += coming.rotating + coming.unattended;
  signer.unattended += coming.unattended;
  const auto index = day_of(forecast, coming.at);
  if (!index) return;
  forecast.days[*index].expiring += coming.rotating + coming.unattended;
  forecast.days[*index].unattended += coming.unattended;
}

std::int64_t number(std::uint64_t n) {
  return static_cast<std::int64_t>(n);
}

std::string date(Timestamp t) {
  return rfc3339_seconds(t).substr(0, 10);
}

void write_days(std::string& out, const Forecast& forecast) {
  out += '[';
  for (std::size_t i = 0; i < forecast.days.size(); ++i) {
    const ForecastDay& one = forecast.days[i];
    if (one.rotations + one.expiring == 0) continue;
    if (out.back() != '[') out += ',';
    JsonObject item(out);
    item.text("day", date(one.begin));
    item.number("rotations", number(one.rotations));
    item.number("expiring", number(one.expiring));
    item.number("withoutRotation", number(one.unattended));
    JsonObject by_signer(item.key("rotationsBySigner"));
    for (const auto& [name, signer] : forecast.signers)
      if (signer.rotations[i] > 0) by_signer.number(name, number(signer.rotations[i]));
  }
  out += ']';
}

void write_signers(std::string& out, const Forecast& forecast) {
  out += '[';
  for (const auto& [name, signer] : forecast.signers) {
    if (out.back() != '[') out += ',';
    JsonObject item(out);
    item.text("signerName", name);
    item.number("certificates", number(signer.certificates));
    item.number("withoutRotation", number(signer.unattended));
    item.number("signatures", number(signer.all_rotations()));
    item.number("signaturesOnBusiestDay", number(std::ranges::max(signer.rotations)));
    item.number("signaturesInBusiestMinute", number(signer.busiest_minute));
  }
  out += ']';
}

}  // namespace

std::uint64_t SignerForecast::all_rotations() const {
  return std::accumulate(rotations.begin(), rotations.end(), std::uint64_t{0});
}

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
  find_busiest_minutes(made, rotations);
  for (const auto& [name, signer] : made.signers)
    for (std::size_t i = 0; i < made.days.size(); ++i) made.days[i].rotations += signer.rotations[i];
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
    object.boolean("timersPending", forecast.timers_pending);
    object.number("days", number(forecast.days.size()));
    object.number("certificates", number(forecast.certificates));
    object.number("withoutRotation", number(forecast.unattended));
    object.number("signatures", number(forecast.rotations()));
    if (const auto* busiest = forecast.busiest()) {
      object.text("busiestDay", date(busiest->begin));
      object.number("signaturesOnBusiestDay", number(busiest->rotations));
    }
    write_signers(object.key("signers"), forecast);
    write_days(object.key("items"), forecast);
  }
  return out;
}

}  // namespace csrflow::engine
