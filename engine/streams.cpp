#include "engine/streams.hpp"

#include "engine/shown_object.hpp"

namespace csrflow::engine {
namespace {

/// The first event of a chain folds with its correlation; no other needs its context for folding.
Stamp stamp_of(const StoredEvent& stored) {
  Stamp stamp{stored.position, stored.stream, stored.version, stored.recorded_at, {}};
  if (stored.type == "created" && stored.stream.category() == "csr")
    stamp.correlation = decode_context(stored.context).correlation;
  return stamp;
}

std::shared_ptr<const std::string> rendered_tail(const State& before, const Event& event, const State& after,
                                                 Position position) {
  if (!shows_object(event)) return nullptr;
  // What a deletion shows is the object as it last was, under the deletion's version.
  const State& shown = deletes_object(event) ? before : after;
  if (!live_meta(shown)) return nullptr;
  return std::make_shared<const std::string>(live_tail(shown, position));
}

}  // namespace

State fold(const StreamId& stream, std::span<const StoredEvent> events) {
  State state = initial_state(stream);
  for (const StoredEvent& stored : events) state = evolve(std::move(state), decode(stored), stamp_of(stored));
  return state;
}

Record make_record(Stamp stamp, std::shared_ptr<const Context> context, Event event,
                   std::shared_ptr<const State> before) {
  Record record;
  record.after = std::make_shared<const State>(evolve(*before, event, stamp));
  record.before = std::move(before);
  record.tail = rendered_tail(*record.before, event, *record.after, stamp.position);
  record.stamp = std::move(stamp);
  record.context = std::move(context);
  record.event = std::make_shared<const Event>(std::move(event));
  return record;
}

// ---- StreamCache --------------------------------------------------------------------------------

StreamCache::StreamCache(std::unique_ptr<EventReader> reader, std::size_t limit)
    : reader_(std::move(reader)), limit_(limit) {}

std::shared_ptr<const State> StreamCache::get(const StreamId& stream) {
  if (auto it = index_.find(stream.text); it != index_.end()) {
    recent_.splice(recent_.begin(), recent_, it->second);
    return it->second->state;
  }
  auto state = std::make_shared<const State>(fold(stream, reader_->stream(stream)));
  put(stream, state);
  return state;
}

std::shared_ptr<const State> StreamCache::peek(const StreamId& stream) const {
  auto it = index_.find(stream.text);
  return it == index_.end() ? nullptr : it->second->state;
}

void StreamCache::put(const StreamId& stream, std::shared_ptr<const State> state) {
  if (auto it = index_.find(stream.text); it != index_.end()) {
    it->second->state = std::move(state);
    recent_.splice(recent_.begin(), recent_, it->second);
    return;
  }
  recent_.push_front({stream, std::move(state)});
  index_.emplace(stream.text, recent_.begin());
  if (recent_.size() <= limit_) return;
  index_.erase(recent_.back().stream.text);
  recent_.pop_back();
}

void StreamCache::clear() {
  index_.clear();
  recent_.clear();
}

// ---- RecordReader -------------------------------------------------------------------------------

RecordReader::RecordReader(std::unique_ptr<EventReader> reader, Position after, std::size_t cached_streams)
    : cache_(std::move(reader), cached_streams), position_(after) {}

Batch RecordReader::next(std::size_t limit) {
  Batch batch;
  for (StoredEvent& stored : cache_.reader().after(position_, limit)) {
    auto before = state_before(stored);
    auto context = std::make_shared<const Context>(decode_context(stored.context));
    Stamp stamp{stored.position, stored.stream, stored.version, stored.recorded_at, context->correlation};
    Record record = make_record(std::move(stamp), std::move(context), decode(stored), std::move(before));
    cache_.put(stored.stream, record.after);
    position_ = stored.position;
    batch.push_back(std::move(record));
  }
  return batch;
}

/// The cache may hold nothing of the stream, or, when it was folded from the log, a state beyond this event.
std::shared_ptr<const State> RecordReader::state_before(const StoredEvent& stored) {
  Version wanted{stored.version.value - 1};
  if (wanted.value == 0) return std::make_shared<const State>(initial_state(stored.stream));
  if (auto held = cache_.peek(stored.stream); held && version_of(*held) == wanted) return held;
  std::vector<StoredEvent> events = cache_.reader().stream(stored.stream);
  std::erase_if(events, [&](const StoredEvent& e) { return e.version > wanted; });
  return std::make_shared<const State>(fold(stored.stream, events));
}

}  // namespace csrflow::engine
