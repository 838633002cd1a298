// What the scheduler hears of commits: how what it began has ended, without reading streams again.
#pragma once

#include <atomic>
#include <mutex>
#include <set>
#include <unordered_set>

#include "engine/record.hpp"

namespace csrflow::engine {

/// Stands among the writer's followers. Thread-safe.
class CommitWatch final : public Follower {
 public:
  /// `last`: recorded_at of the log's last event.
  explicit CommitWatch(Timestamp last = {}) : before_(last), last_(last.microseconds) {}

  void committed(const std::shared_ptr<const Batch>&) override;

  /// From now on it is heard when what is under way in the stream ends: its certificate is rotated or gone,
  /// its rotation has failed, its notification was delivered or was not.
  void expect(const StreamId&);
  void forget(const StreamId&);

  struct Heard {
    std::vector<StreamId> ended;   ///< of those that were expected; each is forgotten then
    std::set<SignerName> signers;  ///< whose signatures became durable
  };
  /// Since the last time.
  Heard take();
  /// recorded_at of the last event before this program's first.
  Timestamp before() const { return before_; }
  /// recorded_at of the last event.
  Timestamp last() const { return {last_.load(std::memory_order_acquire)}; }

 private:
  const Timestamp before_;
  std::atomic<std::int64_t> last_;
  std::mutex mutex_;
  std::unordered_set<std::string> expected_;  // guarded by mutex_
  Heard heard_;                               // guarded by mutex_
};

}  // namespace csrflow::engine
