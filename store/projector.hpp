// Follows the log and keeps views.db at its head; answers the reads of the API from there.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/ports.hpp"
#include "engine/views.hpp"
#include "store/object_reader.hpp"
#include "store/views.hpp"
#include "store/views_file.hpp"

namespace csrflow::store {

/// Thread-safe. A failing views.db never harms the log: reads then throw StoreError, and the next start makes
/// the file anew.
class Projector final : public engine::Follower, public engine::ObjectViews {
 public:
  struct Options {
    /// The program, as in `csrflow 0.1.0`: another one's views are made anew.
    std::string maker;
    /// Hears while it catches up at the start: position reached, head of the log.
    std::function<void(engine::Position done, engine::Position total)> catching_up;
    /// Called on the projector's thread after each step, and at once of a failure; must not throw or block.
    std::function<void(engine::Position)> moved_on;
    std::function<void(const std::string&)> failed;
    /// How long to gather commits while nobody waits: an object's bytes are written once for all of them.
    std::chrono::milliseconds gather{50};
    /// Commits beyond this many events are not kept in memory but read back from the log.
    std::size_t events_waiting = 65'536;
    /// How requests are read, for what policies must know of the past.
    RequestForms requests = {};
    /// What timers follow.
    RulesAt rules = {};
  };

  /// Catches up with the log, from the stored position or from the beginning, then starts its thread. `log`
  /// and `presenter` outlive it; nothing is appended before it is constructed. Throws StoreError,
  /// SQLite::Exception, engine::LogFailure, engine::UnreadableEvent.
  Projector(const DataFiles&, const engine::EventLog& log, const engine::ObjectPresenter& presenter,
            engine::HashFunction, Options);
  /// Applies what waits and closes cleanly. Callbacks for positions that were never reached are dropped.
  ~Projector() override;

  void committed(const std::shared_ptr<const engine::Batch>&) override;

  engine::Position position() const override;
  void when_reached(engine::Position, std::move_only_function<void()>) override;
  std::optional<engine::ObjectRow> get(const std::string& resource, const std::string& name) override;
  engine::ObjectList list(const engine::ListQuery&) override;

  /// Why views.db was made anew at this start; empty when it was not.
  const std::string& rebuilt_because() const { return file_.rebuilt_because(); }
  /// What made the views fail; nothing while they are sound.
  std::optional<std::string> failure() const;

 private:
  using Waiting = std::multimap<engine::Position, std::move_only_function<void()>>;

  void open_views();
  void catch_up();
  void run(std::stop_token);
  void apply(const std::vector<std::shared_ptr<const engine::Batch>>&, engine::Position target);
  void moved_to(engine::Position);
  void fail(const std::string&);
  void finish();
  template <typename Read>
  auto reading(Read);

  const DataFiles files_;
  const engine::EventLog& log_;
  const engine::ObjectPresenter& presenter_;
  const engine::HashFunction hash_;
  const Options options_;
  ViewsFile file_;              // owned by the thread once it runs
  std::optional<Views> views_;  // owned by the thread once it runs

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::shared_ptr<const engine::Batch>> queue_;  // guarded by mutex_
  std::size_t queued_events_ = 0;                           // guarded by mutex_
  engine::Position committed_;                              // guarded by mutex_: the newest that it heard of
  Waiting waiting_;                                         // guarded by mutex_
  std::optional<std::string> failure_;                      // guarded by mutex_
  std::atomic<std::uint64_t> position_{0};

  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<ObjectReader>> readers_;  // guarded by readers_mutex_: those not in use

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace csrflow::store
