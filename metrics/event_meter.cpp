#include "metrics/event_meter.hpp"

namespace csrflow::metrics {
namespace {

/// Of whichever incarnation was alive.
const engine::CsrSpec* spec_of(const engine::Record& record) {
  if (const auto* after = record.csr_after(); after && after->object) return after->object->spec.get();
  if (const auto* before = record.csr_before(); before && before->object) return before->object->spec.get();
  return nullptr;
}

/// Empty: it is no step of a rotation.
std::string_view rotation_step(const engine::CsrEvent& event) {
  if (std::holds_alternative<engine::RotationDue>(event)) return "due";
  if (std::holds_alternative<engine::RotationFailed>(event)) return "failed";
  return std::holds_alternative<engine::Rotated>(event) ? "rotated" : "";
}

Histogram::Time time_between(engine::Timestamp from, engine::Timestamp to) {
  return std::chrono::microseconds((to - from).microseconds);
}

}  // namespace

void EventMeter::committed(const std::shared_ptr<const engine::Batch>& batch) {
  commits_.add();
  events_.add(batch->size());
  const std::lock_guard lock(mutex_);
  for (const auto& record : *batch) count(record);
}

void EventMeter::count(const engine::Record& record) {
  const auto* event = record.csr_event();
  if (!event) return;
  if (const auto step = rotation_step(*event); !step.empty()) {
    ++rotations_.find(std::string(step))->second;
    return;
  }
  const auto* spec = spec_of(record);
  const std::string signer = spec ? label_of(spec->signer_name) : std::string(other_signers);
  ++request_events_[{signer, std::string(engine::type_of(*record.event))}];
  const auto* made = std::get_if<engine::Signed>(event);
  const auto* before = record.csr_before();
  if (made && !made->foreign && before && before->live(made->uid) && before->approved_at.value > 0)
    issuance_.observe(time_between(before->approved_time, record.stamp.recorded_at));
}

std::string EventMeter::label_of(const engine::SignerName& signer) {
  if (signers_.contains(signer.text)) return signer.text;
  if (signers_.size() >= most_signer_labels) return std::string(other_signers);
  return *signers_.insert(signer.text).first;
}

std::map<EventMeter::RequestEvent, std::uint64_t> EventMeter::request_events() const {
  const std::lock_guard lock(mutex_);
  return request_events_;
}

std::map<std::string, std::uint64_t> EventMeter::rotations() const {
  const std::lock_guard lock(mutex_);
  return rotations_;
}

}  // namespace csrflow::metrics
