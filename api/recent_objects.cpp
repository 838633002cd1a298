#include "api/recent_objects.hpp"

#include "engine/shown_object.hpp"

namespace csrflow::api {
namespace {

std::size_t size_of(const RecentObject& object) {
  return object.tail ? object.tail->size() : 0;
}

}  // namespace

void RecentObjects::committed(const std::shared_ptr<const engine::Batch>& batch) {
  const std::lock_guard lock(mutex_);
  for (const auto& record : *batch) {
    if (engine::live_meta(*record.before) || engine::live_meta(*record.after)) take(record);
  }
  while (order_.size() > limits_.objects || tail_bytes_ > limits_.tail_bytes) drop_oldest();
}

void RecentObjects::take(const engine::Record& record) {
  const auto found = index_.find(record.stamp.stream.text);
  const bool deleted = !engine::live_meta(*record.after);
  // An event that shows nothing leaves the tail as it was; of an object that is not here it is not known.
  if (!record.tail && !deleted && found == index_.end()) return;
  if (found == index_.end()) {
    order_.push_front({.stream = record.stamp.stream.text, .object = {}});
    index_.emplace(order_.front().stream, order_.begin());
  } else {
    order_.splice(order_.begin(), order_, found->second);
  }
  auto& object = order_.front().object;
  tail_bytes_ -= size_of(object);
  object.state = record.after;
  if (deleted) {
    object.tail = nullptr;
  } else if (record.tail) {
    object.tail = record.tail;
  }
  tail_bytes_ += size_of(object);
}

void RecentObjects::drop_oldest() {
  tail_bytes_ -= size_of(order_.back().object);
  index_.erase(order_.back().stream);
  order_.pop_back();
}

std::optional<RecentObject> RecentObjects::find(const engine::StreamId& stream) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(stream.text);
  if (found == index_.end()) return std::nullopt;
  order_.splice(order_.begin(), order_, found->second);
  return found->second->object;
}

}  // namespace csrflow::api
