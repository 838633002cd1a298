#include "engine/command_pipeline.hpp"

#include <utility>

namespace csrflow::engine {

bool CommandPipeline::room() {
  if (prepared_.size() >= batch) flush();
  while (unanswered_.size() >= most_unanswered) {
    flush();
    take_answers(true);
  }
  return writer_.waiting() < busy_writer;
}

void CommandPipeline::send(Submission submission, Answer answer) {
  const std::uint64_t number = ++last_;
  submission.done = [inbox = inbox_, number](Result result) {
    std::lock_guard lock(inbox->mutex);
    inbox->results.emplace_back(number, std::move(result));
    inbox->arrived.notify_one();
  };
  prepared_.push_back(std::move(submission));
  unanswered_.emplace(number, std::move(answer));
}

bool CommandPipeline::await_some() {
  flush();
  if (unanswered_.empty()) return false;
  take_answers(true);
  return true;
}

void CommandPipeline::settle() {
  while (await_some()) {
  }
}

void CommandPipeline::flush() {
  if (!prepared_.empty()) writer_.submit(std::exchange(prepared_, {}));
  take_answers(false);
}

void CommandPipeline::take_answers(bool wait) {
  std::vector<std::pair<std::uint64_t, Result>> results;
  {
    std::unique_lock lock(inbox_->mutex);
    if (wait) inbox_->arrived.wait(lock, [&] { return !inbox_->results.empty(); });
    results.swap(inbox_->results);
  }
  for (const auto& [number, result] : results) {
    auto asked = unanswered_.extract(number);
    asked.mapped()(result);
  }
}

}  // namespace csrflow::engine
