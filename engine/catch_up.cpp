#include "engine/catch_up.hpp"

#include <tuple>

namespace csrflow::engine {

Rank rank_of(const Timer& timer, Timestamp now) {
  switch (timer.kind) {
    case TimerKind::resume_sign:
      return Rank::half_done;
    case TimerKind::sign:
      return Rank::unsigned_yet;
    case TimerKind::expire:
    case TimerKind::evaluate:
    case TimerKind::lapse:
      return Rank::truth;
    case TimerKind::rotate:
    case TimerKind::rotate_retry:
      return now < timer.not_after + seconds(1) ? Rank::rotation : Rank::under_grace;
    case TimerKind::rotate_overdue:
    case TimerKind::at_risk:
    case TimerKind::give_up:
    case TimerKind::agent_silent:
    case TimerKind::ca_prepare:
    case TimerKind::ca_activate:
    case TimerKind::ca_stop:
    case TimerKind::outbox:
      return Rank::news;
  }
  return Rank::truth;
}

bool goes_before(const Timer& a, const Timer& b, Timestamp now) {
  const auto key = [now](const Timer& t) {
    const Rank rank = rank_of(t, now);
    return std::tuple(rank, rank == Rank::rotation || rank == Rank::under_grace ? t.not_after : t.due, t.due,
                      std::string_view(t.stream.text));
  };
  return key(a) < key(b);
}

}  // namespace csrflow::engine
