// All watches: one thread gives each its events, from memory when they are recent, from the log when they are
// older.
#pragma once

#include <chrono>
#include <memory>

#include "api/http.hpp"
#include "api/watch_events.hpp"
#include "engine/ports.hpp"

namespace csrflow::api {

struct WatchLimits {
  std::size_t recent_records = 16'384;
  std::size_t recent_bytes = 64 * 1024 * 1024;  ///< of the recent records' objects together
  std::size_t page = 256;       ///< records or objects that one watch holds while it catches up
  std::size_t catching_up = 2;  ///< threads that read for watches
  std::chrono::milliseconds bookmark_every{60'000};
  std::chrono::milliseconds bookmark_before_end{2'000};
};

/// Where a watch starts.
struct WatchStart {
  std::optional<engine::Position> after;  ///< changes after it; nothing: from now on
  bool initial = false;                   ///< first what is there; then `after` is not looked at
  bool initial_bookmark = false;          ///< and a bookmark that says so
  /// Where the initial events show what is there: whatever is written once the client knows that its watch is
  /// open is a change. Nothing: now.
  std::optional<engine::Position> opened = {};
};

struct WatchRequest {
  WatchForm form;
  WatchSelector selector;
  WatchStart start;
  bool bookmarks = false;
  std::chrono::milliseconds timeout{};
};

/// Each record that matches is one event, in the log's order, for every watch. A reader that is slow waits at
/// its own position and reads the rest from the log; it costs the others nothing and holds a bounded amount
/// of memory. Thread-safe.
class WatchHub final : public engine::Follower {
 public:
  WatchHub(engine::ObjectViews&, const engine::EventLog&, const engine::Clock&, WatchLimits = {});
  ~WatchHub() override;  ///< ends all watches
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  void committed(const std::shared_ptr<const engine::Batch>&) override;
  void open(std::shared_ptr<Stream>, WatchRequest);
  /// Ends all watches cleanly, also those that come later.
  void stop();

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace csrflow::api
