// An event log in memory, for tests of everything above the log. Thread-safe.
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>

#include "engine/ports.hpp"

namespace csrflow::test {

class MemoryLog : public engine::EventLog {
 public:
  std::expected<void, engine::AppendConflict> append(engine::Position expected_head,
                                                     std::span<const engine::NewEvent> events) override {
    std::lock_guard lock(store_->mutex);
    if (fail_next_append) {
      fail_next_append = false;
      throw engine::LogFailure("disk full", true);
    }
    if (expected_head.value != store_->events.size())
      return std::unexpected(engine::AppendConflict{"the head has moved"});
    for (const engine::NewEvent& e : events) {
      engine::StoredEvent stored;
      stored.position = {store_->events.size() + 1};
      stored.stream = e.stream;
      stored.version = e.version;
      stored.type = e.type;
      stored.schema = e.schema;
      stored.recorded_at = e.recorded_at;
      stored.context = e.context;
      stored.data = e.data;
      stored.salt.assign(e.salt.begin(), e.salt.end());
      store_->events.push_back(std::move(stored));
    }
    return {};
  }
  std::unique_ptr<engine::EventReader> reader() const override { return std::make_unique<Reader>(store_); }
  void idle() override {}

  std::vector<engine::StoredEvent> all() const {
    std::lock_guard lock(store_->mutex);
    return store_->events;
  }

  bool fail_next_append = false;  // guarded by the store's mutex while a writer runs

 private:
  struct Store {
    std::mutex mutex;
    std::vector<engine::StoredEvent> events;
  };
  struct Reader : engine::EventReader {
    explicit Reader(std::shared_ptr<Store> s) : store(std::move(s)) {}
    engine::Position head() override {
      std::lock_guard lock(store->mutex);
      return {store->events.size()};
    }
    std::vector<engine::StoredEvent> after(engine::Position position, std::size_t limit) override {
      std::lock_guard lock(store->mutex);
      std::vector<engine::StoredEvent> found;
      for (std::size_t i = position.value; i < store->events.size() && found.size() < limit; ++i)
        found.push_back(store->events[i]);
      return found;
    }
    std::vector<engine::StoredEvent> stream(const engine::StreamId& id, engine::Version version) override {
      std::lock_guard lock(store->mutex);
      std::vector<engine::StoredEvent> found;
      for (const engine::StoredEvent& e : store->events)
        if (e.stream == id && e.version > version) found.push_back(e);
      return found;
    }
    std::vector<engine::StoredEvent> category(std::string_view category) override {
      std::lock_guard lock(store->mutex);
      std::vector<engine::StoredEvent> found;
      for (const engine::StoredEvent& e : store->events)
        if (e.stream.category() == category) found.push_back(e);
      std::ranges::stable_sort(found, {}, [](const engine::StoredEvent& e) { return e.stream.text; });
      return found;
    }
    std::shared_ptr<Store> store;
  };
  std::shared_ptr<Store> store_ = std::make_shared<Store>();
};

/// A clock that stands still until it is told otherwise.
class ManualClock : public engine::Clock {
 public:
  engine::Timestamp now() const override { return {now_.load()}; }
  void set(engine::Timestamp t) { now_ = t.microseconds; }
  void advance(engine::Duration d) { now_ += d.microseconds; }

 private:
  std::atomic<std::int64_t> now_{1'790'000'000'000'000};
};

/// Bytes that depend on a seed only.
class SeededRandom : public engine::Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    std::lock_guard lock(mutex_);
    for (auto& byte : out) {
      state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
      byte = static_cast<std::uint8_t>(state_ >> 56);
    }
  }

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

}  // namespace csrflow::test
