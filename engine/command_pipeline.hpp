// Sends many commands to the writer without getting in the way of those of people: a batch is prepared while
// the one before is written, and none is sent while much else waits.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "engine/writer.hpp"

namespace csrflow::engine {

/// Belongs to one thread, which must not be the writer's.
class CommandPipeline {
 public:
  static constexpr std::size_t batch = 64;
  /// Sent and not answered, at most; with one of these at the writer, the other is there when it is done.
  static constexpr std::size_t most_unanswered = 2 * batch;
  /// While so many commands of everybody wait, nothing is sent.
  static constexpr std::size_t busy_writer = WriterLimits{}.waiting / 2;

  using Answer = std::move_only_function<void(const std::expected<Outcome, Refusal>&)>;

  explicit CommandPipeline(Writer& writer) : writer_(writer) {}

  /// Is there room for one more? Sends what is prepared and waits for answers as needed. False: the writer
  /// is busy, come again later.
  bool room();
  /// Prepares a command; its `done` is set here. `answer` is called on this thread, in a later call.
  void send(Submission, Answer);
  /// Sends what is prepared and waits for an answer. False: there is none to wait for.
  bool await_some();
  /// Sends what is prepared and waits for all answers.
  void settle();

 private:
  using Result = std::expected<Outcome, Refusal>;
  /// What the writer's thread leaves here.
  struct Inbox {
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<std::pair<std::uint64_t, Result>> results;  // guarded by mutex
  };

  void flush();
  void take_answers(bool wait);

  Writer& writer_;
  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  std::vector<Submission> prepared_;
  std::unordered_map<std::uint64_t, Answer> unanswered_;  // of what was prepared or sent
  std::uint64_t last_ = 0;
};

}  // namespace csrflow::engine
