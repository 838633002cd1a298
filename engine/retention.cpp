// The rules of pkg/controller/certificates/cleaner/cleaner.go; where several fit, the earliest counts.
#include "engine/retention.hpp"

#include "engine/rotation_order.hpp"

namespace csrflow::engine {
namespace {

constexpr Duration hours(std::int64_t n) {
  return seconds(n * 3600);
}

class Earliest {
 public:
  void at(const std::optional<Timestamp>& since, const std::optional<Duration>& period) {
    if (!since || since->microseconds == 0 || !period) return;
    if (const Timestamp due = *since + *period; !due_ || due < *due_) due_ = due;
  }
  std::optional<Timestamp> due() const { return due_; }

 private:
  std::optional<Timestamp> due_;
};

}  // namespace

Retention kubernetes_retention() {
  return {.pending = hours(24),
          .approved = hours(24),
          .issued = hours(1),
          .denied = hours(1),
          .failed = hours(1),
          .expired = true};
}

std::optional<Timestamp> deletable_at(const CsrState& state, const Retention& retention) {
  if (!state.object || state.object->meta.deletion) return std::nullopt;
  const auto& status = state.object->status;
  Earliest earliest;
  if (status.conditions.empty()) earliest.at(state.object->meta.creation, retention.pending);
  if (const auto* denied = status.find(condition::denied)) earliest.at(denied->last_update, retention.denied);
  if (const auto* failed = status.find(condition::failed)) earliest.at(failed->last_update, retention.failed);
  if (const auto* approved = status.find(condition::approved)) {
    const bool issued = !status.certificate.empty();
    earliest.at(approved->last_update, issued ? retention.issued : retention.approved);
    const auto* certificate = state.certificate_of(state.object->meta.uid);
    if (issued && retention.expired && certificate) earliest.at(certificate->not_after, Duration{});
  }
  return earliest.due();
}

std::optional<Timestamp> needed_until(const CsrState& state, const StandingRules* rules) {
  if (!state.object) return std::nullopt;
  const LedgerEntry* held = state.certificate_of(state.object->meta.uid);
  if (!held || !held->successor.empty()) return std::nullopt;
  const auto order = rotation_order(state, *held, rules);
  const bool rotates = order && order->rules->mode != RotationMode::none;
  if (!rotates && !held->by_agent) return std::nullopt;
  const RotationRules by_default;
  return end_of_grace(rotates ? *order->rules : by_default,
                      {std::max(held->not_before, held->issued_at), held->not_after});
}

}  // namespace csrflow::engine
