#include "engine/commit_watch.hpp"

#include <utility>

namespace csrflow::engine {
namespace {

bool ends_something(const Event& event) {
  if (const auto* csr = std::get_if<CsrEvent>(&event))
    return std::holds_alternative<Rotated>(*csr) || std::holds_alternative<RotationFailed>(*csr) ||
           std::holds_alternative<Deleted>(*csr);
  if (const auto* delivery = std::get_if<DeliveryEvent>(&event))
    return std::holds_alternative<Delivered>(*delivery) || std::holds_alternative<DeliveryFailed>(*delivery);
  return false;
}

const SignerName* signer_that_signed(const Record& record) {
  const CsrEvent* event = record.csr_event();
  if (!event || !std::holds_alternative<Signed>(*event) || !record.csr_before()->object) return nullptr;
  return &record.csr_before()->object->spec->signer_name;
}

}  // namespace

void CommitWatch::committed(const std::shared_ptr<const Batch>& batch) {
  if (batch->empty()) return;
  last_.store(batch->back().stamp.recorded_at.microseconds, std::memory_order_release);
  std::lock_guard lock(mutex_);
  for (const Record& record : *batch) {
    if (ends_something(*record.event) && expected_.erase(record.stamp.stream.text) > 0)
      heard_.ended.push_back(record.stamp.stream);
    if (const SignerName* signer = signer_that_signed(record)) heard_.signers.insert(*signer);
  }
}

void CommitWatch::expect(const StreamId& stream) {
  std::lock_guard lock(mutex_);
  expected_.insert(stream.text);
}

void CommitWatch::forget(const StreamId& stream) {
  std::lock_guard lock(mutex_);
  expected_.erase(stream.text);
}

CommitWatch::Heard CommitWatch::take() {
  std::lock_guard lock(mutex_);
  return std::exchange(heard_, {});
}

}  // namespace csrflow::engine
