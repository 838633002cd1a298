// The single writer: takes the commands that wait, decides them one after another, appends their events in
// one transaction, and only then answers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "engine/lump_counter.hpp"
#include "engine/ports.hpp"
#include "engine/record.hpp"
#include "engine/rotation_order.hpp"
#include "engine/streams.hpp"
#include "engine/subscriptions.hpp"

namespace csrflow::engine {

/// What a command led to. Empty `records`: it was already done, or changes nothing; `state` is then the
/// stream's.
struct Outcome {
  std::vector<Record> records;  ///< in order; the first is the command's own event
  std::shared_ptr<const State> state;
};

/// By which roles and bindings a command was permitted. When some were written since, it is judged again just
/// before it is decided, so that the log's order of permissions and decisions is the true one.
struct Judgement {
  Position at;  ///< all events up to here were known
  /// Is it still permitted? Called on the writer's thread, after the followers have heard of everything
  /// before the command. Must not block. Null: the command needs no permission.
  std::function<bool()> again;
};

/// A command of another stream that belongs to a submission: both, or neither.
struct Companion {
  StreamId stream;
  Command command;
};

struct Submission {
  StreamId stream;
  Command command;
  Context context;  ///< program is filled in by the writer
  /// Decide, answer, write nothing.
  bool dry_run = false;
  /// Called once, on the writer's thread, after the events are durable (or the command refused). Must not
  /// throw or block.
  std::move_only_function<void(std::expected<Outcome, Refusal>)> done;
  Judgement judgement = {};
  std::optional<Companion> with = {};  ///< decided after the command
};

struct WriterLimits {
  std::size_t commands_per_commit = 256;
  std::size_t bytes_per_commit = 256 * 1024;
  std::size_t waiting = 4096;  ///< beyond this, submissions are refused as unavailable
  std::size_t cached_streams = 4096;
};

/// What decisions follow; all outlive the writer, null: there is no such thing.
struct DecidedBy {
  const Approver* approver = nullptr;
  const StandingRules* rules = nullptr;
  const Subscriptions* subscriptions = nullptr;
};

class Writer {
 public:
  /// `issuer` outlives it. `on_fatal` is called once, from the writer's thread,
  /// when the log has failed for good; nothing more is written then.
  Writer(EventLog&, const Clock&, Random&, const Issuer&, std::string program, std::vector<Follower*>,
         std::function<void(const std::string&)> on_fatal, HashFunction, WriterLimits = {},
         DecidedBy decided_by = {});
  ~Writer();  ///< finishes what waits

  /// Any thread.
  void submit(Submission);
  /// Several in one go: one lock, one wake-up.
  void submit(std::vector<Submission>);
  /// Submits and waits; for start-up and the scheduler, never from an event loop or the writer's thread.
  std::expected<Outcome, Refusal> call(Submission);
  /// The last position that is durable and told to the followers.
  Position head() const;
  std::size_t waiting() const;

  /// Refuses new commands, finishes what waits and ends the thread.
  void stop();

 private:
  struct Transaction;
  /// A batch, decided and not yet written: one outcome for each of the first submissions.
  struct Plan {
    std::unique_ptr<Transaction> whole;
    std::vector<NewEvent> events;
    std::vector<std::expected<Outcome, Refusal>> outcomes;
  };

  void run(std::stop_token);
  void resume_at(Position head);
  bool still_permitted(const Submission&) const;
  Facts facts_for(Transaction&, const Identity& actor);

  std::shared_ptr<const State> state(const Transaction&, const StreamId&);
  std::expected<void, Refusal> decide_into(Transaction&, const StreamId&, const Command&, const Context&);
  void record(Transaction&, const StreamId&, std::vector<Event>, const Context&);
  void note(const Record&);
  std::expected<void, Refusal> tell(Transaction&, std::size_t first, const Context&);
  std::expected<void, Refusal> follow_up(Transaction&, const StreamId&, const FollowUp&, const Context&);

  void commit(std::vector<Submission>);
  std::size_t commit_some(std::span<Submission>);
  Plan plan(std::span<Submission>);
  std::vector<NewEvent> rows(const std::vector<Record>&);
  void publish(Transaction&);
  void fail(const std::string& why);

  EventLog& log_;
  const Clock& clock_;
  Random& random_;
  const Issuer& issuer_;
  const std::string program_;
  const std::vector<Follower*> followers_;
  const std::function<void(const std::string&)> on_fatal_;
  const HashFunction hash_;
  const WriterLimits limits_;
  const DecidedBy decided_by_;

  StreamCache streams_;      // owned by the writer's thread
  Timestamp last_recorded_;  // owned by the writer's thread
  Position permissions_at_;  // of the last event about roles and bindings; owned by the writer's thread
  LumpCounter lumps_;        // owned by the writer's thread
  std::atomic<std::uint64_t> head_;

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Submission> waiting_;  // guarded by mutex_
  bool closed_ = false;             // guarded by mutex_
  std::jthread thread_;             // last: it uses everything above
};

}  // namespace csrflow::engine
