#include "policies/match_relation.hpp"

#include <algorithm>

#include "policies/spec_fields.hpp"

namespace csrflow::policies {
namespace {

bool within(const Strings& inner, const Strings& outer) {
  return std::ranges::all_of(
      inner, [&](const std::string& value) { return std::ranges::find(outer, value) != outer.end(); });
}
bool within(const std::optional<Strings>& inner, const std::optional<Strings>& outer) {
  return !inner || (outer && within(*inner, *outer));
}

bool covers_signer(const SignerPattern& outer, const SignerPattern& inner) {
  return outer.text == inner.text || outer.text == "*" ||
         (!inner.text.ends_with('*') && outer.covers(inner.text));
}

bool covers_requesters(const Requesters& outer, const Requesters& inner) {
  if (!within(outer.not_users, inner.not_users) || !within(outer.not_groups, inner.not_groups)) return false;
  if (outer.authenticated_by &&
      (!inner.authenticated_by || !std::ranges::all_of(*inner.authenticated_by, [&](AuthenticatedBy by) {
        return std::ranges::find(*outer.authenticated_by, by) != outer.authenticated_by->end();
      })))
    return false;
  if (!outer.users && !outer.groups && !outer.users_match) return true;
  if (!inner.users && !inner.groups && !inner.users_match) return false;
  const bool matched =
      !inner.users_match || (outer.users_match && outer.users_match->text() == inner.users_match->text());
  return matched && within(inner.users, outer.users) && within(inner.groups, outer.groups);
}

}  // namespace

bool covers(const Match& outer, const Match& inner) {
  if (outer.signer_names) {
    if (!inner.signer_names) return false;
    for (const SignerPattern& pattern : *inner.signer_names) {
      if (std::ranges::none_of(*outer.signer_names,
                               [&](const SignerPattern& o) { return covers_signer(o, pattern); }))
        return false;
    }
  }
  const auto labels = [](const Match& match) {
    return json_text(Codec<LabelSelector>::write(match.labels), true);
  };
  const bool no_labels = outer.labels.match_labels.empty() && outer.labels.match_expressions.empty();
  return covers_requesters(outer.requesters, inner.requesters) &&
         (no_labels || labels(outer) == labels(inner)) &&
         (outer.rotation == RotationMatch::any || outer.rotation == inner.rotation) &&
         (outer.requested_by == RequestedBy::any || outer.requested_by == inner.requested_by);
}

bool same(const Match& a, const Match& b) {
  return json_text(Codec<Match>::write(a), true) == json_text(Codec<Match>::write(b), true);
}

bool never_together(const engine::Schedule& a, const engine::Schedule& b) {
  // Two weeks of each half of a year: with and without summer time.
  for (const auto* start : {"2026-01-05", "2026-07-06"}) {
    const engine::Day first = *engine::parse_day(start), last{first.number + 14};
    for (const engine::TimeWindow& one : a.windows) {
      for (const engine::TimeWindow& other : b.windows) {
        for (const engine::Interval& x : intervals(a.zone, one, first, last)) {
          for (const engine::Interval& y : intervals(b.zone, other, first, last)) {
            if (std::max(x.from, y.from) < std::min(x.to, y.to)) return false;
          }
        }
      }
    }
  }
  return true;
}

}  // namespace csrflow::policies
