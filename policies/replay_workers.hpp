// Threads that evaluate requests of the past while another one reads them.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "policies/replay_evaluation.hpp"

namespace csrflow::policies {

/// What a thread found; two of them add up.
class ReplayTally {
 public:
  explicit ReplayTally(const ReplayOptions& options) : options_(options) {}

  void add(const Reevaluated&, const ReplayEvaluation&);
  void add(ReplayTally&&);

  ReplayResult result;
  /// Approved then, denied now: whose certificates may be live.
  std::vector<ReplayedRequest> denied;

 private:
  const ReplayOptions& options_;
};

/// Belongs to the reading thread, and its threads to it.
class ReplayWorkers {
 public:
  ReplayWorkers(const PolicyEras&, const ReplayOptions&);

  /// Waits while the threads are busy. Rethrows what stopped one of them.
  void give(PastRequest);
  /// Waits until all is done.
  ReplayTally finish();

 private:
  using Batch = std::vector<PastRequest>;

  void pass_on();
  void evaluate_in_order(PastRequest);
  void run(std::stop_token, ReplayTally&);

  const PolicyEras& eras_;
  const ReplayOptions& options_;
  Batch gathering_;
  // With `cascade` there are no threads: a predecessor's verdict comes before its successor's.
  std::optional<ReplayEvaluation> in_order_;
  std::unordered_set<std::string> refused_;  // uids of those that would not have been approved
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Batch> queue_;            // guarded by mutex_
  bool ended_ = false;                 // guarded by mutex_: nothing more comes
  std::exception_ptr failure_;         // guarded by mutex_
  std::deque<ReplayTally> tallies_;    // one of each thread, until it has ended
  std::vector<std::jthread> threads_;  // last: they use everything above
};

}  // namespace csrflow::policies
