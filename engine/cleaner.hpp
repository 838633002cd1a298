// Deletes requests that are done with, as `--csr-retention` has it. It looks at all of them now and then, as
// csrcleaner does, and deletes through the writer's door like everybody.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/retention.hpp"
#include "engine/views.hpp"
#include "engine/writer.hpp"

namespace csrflow::engine {

/// Between two passes, at most; with a shorter period to keep it is that period.
constexpr Duration longest_between_passes = seconds(3600);
constexpr Duration shortest_between_passes = seconds(1);

class Cleaner {
 public:
  using Complain = std::function<void(const std::string&)>;

  /// All outlive it.
  Cleaner(ObjectViews&, const EventLog&, Writer&, const Clock&, HashFunction, Retention, Complain,
          const StandingRules* = nullptr);
  ~Cleaner();

  /// A pass at once, then one after another until `stop`. Does nothing when everything is kept.
  void start();
  void stop();

  /// Deletes what may go now; returns how many that was.
  std::size_t pass(std::stop_token = {});
  Duration between_passes() const;

 private:
  void run(std::stop_token);
  CommandId command_id(const StreamId&, Position version) const;
  bool clean(const StreamId&, EventReader&);

  ObjectViews& views_;
  const EventLog& log_;
  Writer& writer_;
  const Clock& clock_;
  const HashFunction hash_;
  const Retention retention_;
  const Complain complain_;
  const StandingRules* const rules_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace csrflow::engine
