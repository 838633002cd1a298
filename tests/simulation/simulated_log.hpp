// A log in memory that forgets the streams that have ended: what a year of rotations is simulated on.
#pragma once

#include <mutex>
#include <unordered_map>

#include "engine/ports.hpp"

namespace csrflow::test {

/// Thread-safe.
class SimulatedLog final : public engine::EventLog {
 public:
  std::expected<void, engine::AppendConflict> append(engine::Position expected_head,
                                                     std::span<const engine::NewEvent> events) override {
    std::lock_guard lock(store_->mutex);
    if (expected_head.value != store_->head)
      return std::unexpected(engine::AppendConflict{"the head has moved"});
    for (const engine::NewEvent& e : events) {
      engine::StoredEvent stored;
      stored.position = {++store_->head};
      stored.stream = e.stream;
      stored.version = e.version;
      stored.type = e.type;
      stored.schema = e.schema;
      stored.recorded_at = e.recorded_at;
      stored.context = e.context;
      stored.data = e.data;
      store_->last = stored;
      store_->streams[e.stream.text].push_back(std::move(stored));
    }
    return {};
  }
  std::unique_ptr<engine::EventReader> reader() const override { return std::make_unique<Reader>(store_); }
  void idle() override {}

  std::vector<engine::StreamId> streams() const {
    std::lock_guard lock(store_->mutex);
    std::vector<engine::StreamId> all;
    for (const auto& [stream, events] : store_->streams) all.push_back({stream});
    return all;
  }
  void forget(const engine::StreamId& stream) {
    std::lock_guard lock(store_->mutex);
    store_->streams.erase(stream.text);
  }
  std::uint64_t head() const {
    std::lock_guard lock(store_->mutex);
    return store_->head;
  }

 private:
  struct Store {
    std::mutex mutex;
    std::uint64_t head = 0;
    engine::StoredEvent last;
    std::unordered_map<std::string, std::vector<engine::StoredEvent>> streams;
  };
  /// Streams whole, and of the order of all events its end only: a writer needs no more.
  struct Reader final : engine::EventReader {
    explicit Reader(std::shared_ptr<Store> s) : store(std::move(s)) {}
    engine::Position head() override {
      std::lock_guard lock(store->mutex);
      return {store->head};
    }
    std::vector<engine::StoredEvent> after(engine::Position position, std::size_t) override {
      std::lock_guard lock(store->mutex);
      if (position.value + 1 != store->head) return {};
      return {store->last};
    }
    std::vector<engine::StoredEvent> stream(const engine::StreamId& id, engine::Version version) override {
      std::lock_guard lock(store->mutex);
      std::vector<engine::StoredEvent> found;
      const auto it = store->streams.find(id.text);
      if (it == store->streams.end()) return found;
      for (const engine::StoredEvent& e : it->second)
        if (e.version > version) found.push_back(e);
      return found;
    }
    std::vector<engine::StoredEvent> category(std::string_view) override { return {}; }
    std::shared_ptr<Store> store;
  };
  std::shared_ptr<Store> store_ = std::make_shared<Store>();
};

}  // namespace csrflow::test
