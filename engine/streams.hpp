// The states of recently used streams; what is not there is folded from the log.
#pragma once

#include <list>
#include <memory>
#include <unordered_map>

#include "engine/ports.hpp"
#include "engine/record.hpp"

namespace csrflow::engine {

/// Folds a stored stream from its beginning. Throws UnreadableEvent.
State fold(const StreamId&, std::span<const StoredEvent>);

/// Belongs to one thread. Least recently used states go first.
class StreamCache {
 public:
  StreamCache(std::unique_ptr<EventReader>, std::size_t limit);

  std::shared_ptr<const State> get(const StreamId&);
  /// What is there already; null when nothing is.
  std::shared_ptr<const State> peek(const StreamId&) const;
  void put(const StreamId&, std::shared_ptr<const State>);
  void clear();
  EventReader& reader() { return *reader_; }

 private:
  struct Entry {
    StreamId stream;
    std::shared_ptr<const State> state;
  };
  std::unique_ptr<EventReader> reader_;
  std::size_t limit_;
  std::list<Entry> recent_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> index_;
};

/// Reads the log as records: each event with the state of its stream around it. For views that catch up, for
/// watches of the past and for replay. Belongs to one thread.
class RecordReader {
 public:
  RecordReader(std::unique_ptr<EventReader>, Position after, std::size_t cached_streams = 4096);
  /// The next records, at most `limit`; empty at the head.
  Batch next(std::size_t limit);
  Position position() const { return position_; }

 private:
  std::shared_ptr<const State> state_before(const StoredEvent&);

  StreamCache cache_;
  Position position_;
};

/// Folds one event that is about to be, or was, recorded: the record that followers get.
Record make_record(Stamp, std::shared_ptr<const Context>, Event, std::shared_ptr<const State> before);

}  // namespace csrflow::engine
