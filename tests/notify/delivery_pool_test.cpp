// The pool delivers what it is given, one at a time for a sink, and sends what became of it as commands.
#include "notify/delivery_pool.hpp"

#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

#include "notify/messenger.hpp"
#include "tests/catch.hpp"
#include "tests/notify/news.hpp"
#include "tests/support/sha256.hpp"

using namespace csrflow;
using namespace csrflow::notify;
using namespace csrflow::notify::test;

namespace {

/// A messenger that waits until a test lets it go; a webhook's url says what it answers.
class GatedMessenger : public engine::Messenger {
 public:
  std::expected<void, engine::DeliveryFailure> deliver(const engine::Destination& destination,
                                                       const engine::Notification& notification,
                                                       std::stop_token stop) override {
    const std::string& url = std::get<engine::Webhook>(destination).url;
    std::unique_lock lock(mutex_);
    started_.push_back(notification.id);
    most_of_sink_ = std::max(most_of_sink_, ++running_[url]);
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return !closed_.contains(url); });
    --running_[url];
    if (stop.stop_requested()) return std::unexpected(engine::DeliveryFailure{"broken off", false});
    if (url == "refuses") return std::unexpected(engine::DeliveryFailure{"410 Gone", true});
    if (url == "fails") return std::unexpected(engine::DeliveryFailure{"timed out", false});
    return {};
  }
  void close(const std::string& url) {
    const std::scoped_lock lock(mutex_);
    closed_.insert(url);
  }
  void open(const std::string& url) {
    const std::scoped_lock lock(mutex_);
    closed_.erase(url);
    changed_.notify_all();
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return started_.size() >= count; }))
      throw std::runtime_error("the pool did not deliver");
    return started_;
  }
  std::vector<std::string> started() {
    const std::scoped_lock lock(mutex_);
    return started_;
  }
  int most_of_sink() {
    const std::scoped_lock lock(mutex_);
    return most_of_sink_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<std::string> closed_;
  std::map<std::string, int> running_;
  std::vector<std::string> started_;
  int most_of_sink_ = 0;
};

/// What the pool sends to the writer.
class Door {
 public:
  void take(std::vector<engine::Submission> submissions) {
    const std::scoped_lock lock(mutex_);
    for (auto& submission : submissions) submissions_.push_back(std::move(submission));
    changed_.notify_all();
  }
  void complain(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    complaints_.push_back(text);
  }
  std::vector<engine::Submission> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return submissions_.size() >= count; }))
      throw std::runtime_error("the pool did not answer");
    return std::exchange(submissions_, {});
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return submissions_.size();
  }
  std::vector<std::string> complaints() {
    const std::scoped_lock lock(mutex_);
    return complaints_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<engine::Submission> submissions_;
  std::vector<std::string> complaints_;
};

struct Fixture {
  GatedMessenger messenger;
  Door door;
  DeliveryPool pool{messenger,
                    csrflow::test::sha256,
                    {.find_sink = [](const std::string& sink) -> std::optional<engine::Destination> {
                       if (sink == "gone") return std::nullopt;
                       return engine::Webhook{.url = sink, .secret_file = {}, .ca_file = {}};
                     },
                     .submit = [this](auto submissions) { door.take(std::move(submissions)); },
                     .complain = [this](const auto& why) { door.complain(why); }}};
};

engine::DeliveryTask task(const std::string& sink, std::uint64_t cause, std::uint32_t attempt = 1) {
  auto notification = news();
  notification.id = sink + "/" + std::to_string(cause);
  return {engine::delivery_stream(sink, {cause}), attempt, sink, notification};
}

template <class Command>
Command command_of(const engine::Submission& submission) {
  return std::get<Command>(std::get<engine::DeliveryCommand>(submission.command));
}

}  // namespace

TEST_CASE("what is delivered is recorded as delivered") {
  Fixture f;
  f.pool.deliver(task("ops", 7, 3));
  const auto results = f.door.wait_for(1);
  CHECK(results[0].stream == engine::delivery_stream("ops", {7}));
  CHECK(command_of<engine::RecordDelivered>(results[0]).attempt == 3);
  CHECK(results[0].context.actor.user == "csrflow:scheduler");
  CHECK(results[0].context.command.hex.size() == 32);
}

TEST_CASE("what is not delivered is recorded with its reason") {
  Fixture f;
  f.pool.deliver(task("fails", 7, 2));
  const auto failed = command_of<engine::RecordDeliveryFailed>(f.door.wait_for(1)[0]);
  CHECK((failed.attempt == 2 && failed.message == "timed out" && !failed.lasting));
  f.pool.deliver(task("refuses", 7));
  const auto refused = command_of<engine::RecordDeliveryFailed>(f.door.wait_for(1)[0]);
  CHECK((refused.attempt == 1 && refused.message == "410 Gone" && refused.lasting));
  CHECK(f.door.complaints() == std::vector<std::string>{"notification fails/7, try 2: timed out",
                                                        "notification refuses/7, try 1: 410 Gone"});
}

TEST_CASE("news for a sink that was deleted is dead") {
  Fixture f;
  f.pool.deliver(task("gone", 7));
  const auto failed = command_of<engine::RecordDeliveryFailed>(f.door.wait_for(1)[0]);
  CHECK((failed.message == "the sink gone is gone" && failed.lasting));
  CHECK(f.messenger.started().empty());
  CHECK(f.door.complaints() == std::vector<std::string>{"notification gone/7, try 1: the sink gone is gone"});
}

TEST_CASE("a task is not taken twice until its result is in the log") {
  Fixture f;
  f.messenger.close("ops");
  f.pool.deliver(task("ops", 7));
  f.messenger.wait_for(1);
  f.pool.deliver(task("ops", 7));
  f.messenger.open("ops");
  auto results = f.door.wait_for(1);
  f.pool.deliver(task("ops", 7));
  f.pool.deliver(task("ops", 8));
  f.messenger.wait_for(2);
  CHECK(f.messenger.started() == std::vector<std::string>{"ops/7", "ops/8"});

  results[0].done(
      std::unexpected(engine::Refusal{.kind = engine::Refusal::Kind::disk_full, .message = "no space"}));
  CHECK(f.door.complaints() ==
        std::vector<std::string>{"what became of notification ops/7 was not recorded: no space"});
  f.pool.deliver(task("ops", 7));
  CHECK(f.messenger.wait_for(3).back() == "ops/7");
}

TEST_CASE("a slow sink does not keep the others from their news") {
  Fixture f;
  f.messenger.close("slow");
  for (std::uint64_t i = 1; i <= 20; ++i) f.pool.deliver(task("slow", i));
  for (std::uint64_t i = 1; i <= 20; ++i) f.pool.deliver(task("ops", i));
  const auto results = f.door.wait_for(20);
  for (std::uint64_t i = 1; i <= 20; ++i) CHECK(results[i - 1].stream == engine::delivery_stream("ops", {i}));
  f.messenger.open("slow");
  f.door.wait_for(20);
  CHECK(f.messenger.most_of_sink() == 1);
}

TEST_CASE("what finds no room comes again with its timer") {
  Fixture f;
  f.messenger.close("slow");
  f.pool.deliver(task("slow", 1));
  f.messenger.wait_for(1);
  for (std::uint64_t i = 2; i <= max_waiting_per_sink + 1; ++i) f.pool.deliver(task("slow", i));
  CHECK(f.door.complaints().empty());
  f.pool.deliver(task("slow", 1000));
  CHECK(f.door.complaints() ==
        std::vector<std::string>{"too many notifications wait for the sink slow or in all; one is put off"});
  f.messenger.open("slow");
  f.door.wait_for(max_waiting_per_sink + 1);
  f.pool.deliver(task("slow", 1000));
  CHECK(f.door.wait_for(1)[0].stream == engine::delivery_stream("slow", {1000}));
}

TEST_CASE("a try goes to the sink at once, and the log hears nothing of it") {
  Fixture f;
  const auto tried = [&](const std::string& sink) {
    std::promise<std::expected<void, std::string>> promise;
    auto answer = promise.get_future();
    f.pool.try_out(sink, news(), [&](auto taken) { promise.set_value(std::move(taken)); });
    return answer.get();
  };
  CHECK(tried("ops"));
  CHECK(tried("refuses").error() == "410 Gone");
  CHECK(tried("gone").error() == "the sink gone is gone");
  CHECK(f.door.count() == 0);
}

TEST_CASE("a stop breaks off, and what was broken off counts as not tried") {
  Fixture f;
  f.messenger.close("slow");
  f.pool.deliver(task("slow", 1));
  f.pool.deliver(task("slow", 2));
  f.messenger.wait_for(1);
  f.pool.stop();
  CHECK(f.door.count() == 0);
  CHECK(f.messenger.started().size() == 1);
  f.pool.stop();
}
