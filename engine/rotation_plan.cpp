#include "engine/rotation_plan.hpp"

#include <algorithm>
#include <array>

#include "engine/millionths.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

// Where in the lifetime a rotation may be moved by blackouts, in millionths.
constexpr std::int64_t earliest_move = 400'000;
constexpr std::int64_t latest_move = 875'000;

// A certificate that became known after its window had begun.
constexpr Duration time_to_react = seconds(60);
constexpr Duration longest_catch_up = seconds(600);
constexpr std::int64_t catch_up_share = 8;  // of what is left of it

Duration lifetime(const Validity& validity) {
  return std::max(validity.length(), Duration{});
}

/// What a rotation may be moved within.
Interval movable(const Validity& validity) {
  return {validity.begin + part_of(lifetime(validity), earliest_move),
          validity.begin + part_of(lifetime(validity), latest_move)};
}

Window fraction(const Validity& validity, WindowRule rule) {
  return {validity.begin + part_of(lifetime(validity), rule.from),
          validity.begin + part_of(lifetime(validity), rule.to)};
}

ChosenWindow wished(const RotationRules& rules, const Rotatable& r) {
  return std::visit(overloaded{
                        [&](const WindowRule& rule) {
                          return ChosenWindow{fraction(r.validity, r.bulk ? rules.first : rule)};
                        },
                        [&](const BeforeExpiry& before) {
                          if (before.from >= lifetime(r.validity))
                            return ChosenWindow{
                                .window = fraction(r.validity, r.bulk ? rules.first : WindowRule{}),
                                .fraction_instead = true};
                          return ChosenWindow{{r.validity.end() - before.from, r.validity.end() - before.to}};
                        },
                        [](const Window& outside) { return ChosenWindow{outside}; },
                    },
                    rules.when);
}

Window earlier(Window window, const Validity& validity, std::int32_t lead) {
  const Duration by = part_of(lifetime(validity), lead);
  return {std::max(validity.begin, window.start - by), std::max(validity.begin, window.end - by)};
}

PlacedRotation placed(const Intervals& allowed, std::uint64_t jitter, Placement how) {
  return {along(allowed, point_in(length(allowed), jitter)), how};
}

}  // namespace

std::string_view name_of(Placement placement) {
  constexpr std::array<std::string_view, 4> names{"in window", "early", "late", "blackout ignored"};
  return names[static_cast<std::size_t>(placement)];
}

ChosenWindow window_of(const RotationRules& rules, const Rotatable& r) {
  ChosenWindow chosen = wished(rules, r);
  if (r.canary) chosen.window = earlier(chosen.window, r.validity, rules.canary_lead);
  chosen.window = checked_window(chosen.window, r.validity);
  if (!r.known_since || *r.known_since <= chosen.window.start) return chosen;
  chosen.belated = true;
  chosen.window.start = std::max(chosen.window.start, *r.known_since + time_to_react);
  if (chosen.window.start < chosen.window.end) return chosen;
  const Duration left = r.validity.not_after - *r.known_since;
  const Duration span =
      std::clamp(Duration{left.microseconds / catch_up_share}, Duration{}, longest_catch_up);
  chosen.window = {*r.known_since, *r.known_since + span};
  return chosen;
}

Blackouts blackouts_of(const RotationRules& rules, const Validity& validity) {
  return [&rules, middle = movable(validity)](Interval range) {
    Intervals all = intervals_of(rules.blackouts, range);
    if (rules.allow) {
      const Interval restricted{std::max(range.from, middle.from), std::min(range.to, middle.to)};
      const Intervals closed = gaps(intervals_of(*rules.allow, restricted), restricted);
      all.insert(all.end(), closed.begin(), closed.end());
    }
    return united(std::move(all));
  };
}

PlacedRotation place_rotation(const ChosenWindow& chosen, const Validity& validity, std::uint64_t jitter,
                              const Blackouts& blackouts) {
  const auto [start, end] = chosen.window;
  if (end <= start) return {start};
  const Interval middle = movable(validity);
  const auto allowed = [&](Interval range) {
    const Interval touched{range.from, std::min(range.to, middle.to)};
    return gaps(touched.from < touched.to ? blackouts(touched) : Intervals{}, range);
  };
  const Duration width = end - start;
  if (const auto in = allowed({start, end}); !in.empty()) return placed(in, jitter, Placement::in_window);
  if (!chosen.belated) {
    const auto before = last_part(allowed({middle.from, start}), width);
    if (!before.empty()) return placed(before, jitter, Placement::early);
  }
  const auto after = first_part(allowed({end, middle.to}), width);
  if (!after.empty()) return placed(after, jitter, Placement::late);
  return {rotation_instant(chosen.window, jitter), Placement::blackout_ignored};
}

RotationPlan plan_rotation(const RotationRules& rules, const Rotatable& r, HashFunction hash) {
  const ChosenWindow chosen = window_of(rules, r);
  const auto [due, placement] = place_rotation(chosen, r.validity, rotation_jitter(r.stream, r.serial, hash),
                                               blackouts_of(rules, r.validity));
  return {.window = chosen.window,
          .due = due,
          .placement = placement,
          .belated = chosen.belated,
          .fraction_instead = chosen.fraction_instead,
          .at_risk = at_risk_from(r.validity, rules.alerts.at_risk)};
}

Timestamp at_risk_from(const Validity& validity, std::int32_t millionths) {
  return validity.not_after - part_of(lifetime(validity), millionths);
}

Timestamp end_of_grace(const RotationRules& rules, const Validity& validity) {
  if (!rules.renew_expired) return validity.not_after;
  return validity.not_after + std::min(lifetime(validity), rules.grace);
}

ChosenMode mode_of(const RotationRules& rules, const KeyPast& key, Timestamp at) {
  if (rules.mode != RotationMode::renew) return {rules.mode, ""};
  if (key.compromised) return {RotationMode::rekey, "KeyCompromise"};
  if (at - key.first_signed >= rules.limits.max_key_age) return {RotationMode::rekey, "MaxKeyAge"};
  if (rules.limits.max_renewals && key.generation > *rules.limits.max_renewals)
    return {RotationMode::rekey, "MaxRenewals"};
  return {RotationMode::renew, ""};
}

}  // namespace csrflow::engine
