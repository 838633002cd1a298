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
  std::deque<Job> waiting;     // guarded by mutex
  std::set<std::string> open;  // guarded by mutex: streams that wait, are delivered, or are being recorded
  std::set<std::string> busy;  // guarded by mutex: sinks

  // With the mutex held.
  bool has_room_for(const std::string& sink) const {
    const auto of_sink = std::ranges::count(waiting, sink, [](const Job& job) { return job.task.sink; });
    return waiting.size() < max_waiting_deliveries && of_sink < std::ptrdiff_t{max_waiting_per_sink};
  }
  std::deque<Job>::iterator next() {
    return std::ranges::find_if(waiting, [&](const Job& job) { return !busy.contains(job.task.sink); });
  }
  void add(Job job) {
    waiting.push_back(std::move(job));
    wake.notify_one();
  }

  std::optional<Job> take(std::stop_token stop) {
    std::unique_lock lock(mutex);
    wake.wait(lock, stop, [&] { return next() != waiting.end(); });
    if (stop.stop_requested()) return std::nullopt;
    const auto found = next();
    Job job = std::move(*found);
    waiting.erase(found);
    busy.insert(job.task.sink);
    return job;
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
    if (queue_->has_room_for(sink)) {
      queue_->open.insert(task.stream.text);
      return queue_->add({std::move(task), nullptr});
    }
  }
  doors_.complain("too many notifications wait for the sink " + sink + " or in all; one is put off");
}

void DeliveryPool::try_out(const std::string& sink, engine::Notification notification, Told told) {
  {
    const std::scoped_lock lock(queue_->mutex);
    if (queue_->has_room_for(sink))
      return queue_->add(
          {{.stream = {}, .sink = sink, .notification = std::move(notification)}, std::move(told)});
  }
  told(std::unexpected("too many notifications wait already"));
}

void DeliveryPool::work(std::stop_token stop) {
  while (auto job = queue_->take(stop)) {
    if (!job->told) {
      carry(job->task, stop);
      continue;
    }
    const auto taken = attempt(job->task, stop);
    if (taken) {
      job->told({});
    } else {
      job->told(std::unexpected(taken.error().message));
    }
  }
}

std::expected<void, engine::DeliveryFailure> DeliveryPool::attempt(const DeliveryTask& task,
                                                                   const std::stop_token& stop) {
  const auto destination = doors_.find_sink(task.sink);
  auto taken = destination
                   ? messenger_.deliver(*destination, task.notification, stop)
                   : std::unexpected(engine::DeliveryFailure{"the sink " + task.sink + " is gone", true});
  queue_->release(task.sink);
  return taken;
}

/// What is broken off counts as not tried.
void DeliveryPool::carry(const DeliveryTask& task, const std::stop_token& stop) {
  const auto delivered = attempt(task, stop);
  if (!delivered && stop.stop_requested()) return queue_->close(task.stream);
  DeliveryCommand command = engine::RecordDelivered{task.attempt};
  if (!delivered) {
    const auto& [message, lasting] = delivered.error();
    doors_.complain("notification " + task.notification.id + ", try " + std::to_string(task.attempt) + ": " +
                    message);
    command = engine::RecordDeliveryFailed{task.attempt, message, lasting};
  }
  std::vector<engine::Submission> results;
  results.push_back(result(task, std::move(command)));
  doors_.submit(std::move(results));
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
