#include "notify/delivery_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

namespace csrflow::notify {

using engine::DeliveryCommand;
using engine::DeliveryTask;

struct DeliveryPool::Queue {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::deque<DeliveryTask> waiting;  // guarded by mutex
  std::set<std::string> open;  // guarded by mutex: streams that wait, are delivered, or are being recorded
  std::set<std::string> busy;  // guarded by mutex: sinks

  // With the mutex held.
  bool has_room_for(const DeliveryTask& task) const {
    const auto of_sink = std::ranges::count(waiting, task.sink, &DeliveryTask::sink);
    return waiting.size() < max_waiting_deliveries && of_sink < std::ptrdiff_t{max_waiting_per_sink};
  }
  std::deque<DeliveryTask>::iterator next() {
    return std::ranges::find_if(waiting, [&](const DeliveryTask& task) { return !busy.contains(task.sink); });
  }

  std::optional<DeliveryTask> take(std::stop_token stop) {
    std::unique_lock lock(mutex);
    wake.wait(lock, stop, [&] { return next() != waiting.end(); });
    if (stop.stop_requested()) return std::nullopt;
    const auto found = next();
    DeliveryTask task = std::move(*found);
    waiting.erase(found);
    busy.insert(task.sink);
    return task;
  }
  void release(const std::string& sink) {
    const std::scoped_lock lock(mutex);
    busy.erase(sink);
    wake.notify_all();
  }
  void close(const engine::StreamId& stream) {
    const std::scoped_lock lock(mutex);
    open.erase(stream.text);
  }
};

DeliveryPool::DeliveryPool(engine::Messenger& messenger, engine::HashFunction hash, Doors doors,
                           unsigned workers)
    : messenger_(messenger), hash_(hash), doors_(std::move(doors)), queue_(std::make_shared<Queue>()) {
  for (unsigned i = 0; i < std::max(1U, workers); ++i)
    workers_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
}

DeliveryPool::~DeliveryPool() {
  stop();
}

void DeliveryPool::stop() {
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();  // joins
}

void DeliveryPool::deliver(DeliveryTask task) {
  const std::string sink = task.sink;
  {
    const std::scoped_lock lock(queue_->mutex);
    if (queue_->open.contains(task.stream.text)) return;
    if (queue_->has_room_for(task)) {
      queue_->open.insert(task.stream.text);
      queue_->waiting.push_back(std::move(task));
      queue_->wake.notify_one();
      return;
    }
  }
  doors_.complain("too many notifications wait for the sink " + sink + " or in all; one is put off");
}

void DeliveryPool::work(std::stop_token stop) {
  while (const auto task = queue_->take(stop)) {
    auto command = carry(*task, stop);
    queue_->release(task->sink);
    if (!command) {
      queue_->close(task->stream);
      continue;
    }
    std::vector<engine::Submission> results;
    results.push_back(result(*task, std::move(*command)));
    doors_.submit(std::move(results));
  }
}

/// Nothing: it was broken off, and counts as not tried.
std::optional<DeliveryCommand> DeliveryPool::carry(const DeliveryTask& task, const std::stop_token& stop) {
  const auto destination = doors_.find_sink(task.sink);
  if (!destination)
    return engine::RecordDeliveryFailed{task.attempt, "the sink " + task.sink + " is gone", true};
  const auto delivered = messenger_.deliver(*destination, task.notification, stop);
  if (delivered) return engine::RecordDelivered{task.attempt};
  if (stop.stop_requested()) return std::nullopt;
  doors_.complain("notification " + task.notification.id + ", try " + std::to_string(task.attempt) + ": " +
                  delivered.error().message);
  return engine::RecordDeliveryFailed{task.attempt, delivered.error().message, delivered.error().lasting};
}

engine::Submission DeliveryPool::result(const DeliveryTask& task, DeliveryCommand command) {
  engine::Submission submission;
  submission.stream = task.stream;
  submission.command = std::move(command);
  submission.context.actor = engine::system_actor("scheduler");
  const auto digest = hash_("deliver\n" + task.stream.text + "\n" + std::to_string(task.attempt));
  submission.context.command = {
      engine::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size() / 2})};
  submission.done = [queue = queue_, complain = doors_.complain, stream = task.stream,
                     id = task.notification.id](std::expected<engine::Outcome, engine::Refusal> outcome) {
    queue->close(stream);
    if (!outcome)
      complain("what became of notification " + id + " was not recorded: " + outcome.error().message);
  };
  return submission;
}

}  // namespace csrflow::notify
