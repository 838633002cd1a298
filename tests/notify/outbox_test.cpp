// The outbox and the pool together, over the engine's writer: what is sent how often, over failures and
// crashes.
#include <condition_variable>
#include <mutex>

#include "engine/streams.hpp"
#include "notify/delivery_pool.hpp"
#include "tests/engine/story.hpp"
#include "tests/notify/news.hpp"
#include "tests/support/memory_log.hpp"

using namespace csrflow;
using namespace csrflow::notify;
using namespace csrflow::notify::test;
using Texts = std::vector<std::string>;

namespace {

/// Writes down what it gets, and says what it is told to say.
class Receiver : public engine::Messenger {
 public:
  std::expected<void, engine::DeliveryFailure> deliver(const engine::Destination&,
                                                       const engine::Notification& notification,
                                                       std::stop_token) override {
    const std::scoped_lock lock(mutex_);
    got_.push_back(notification.id);
    return says_;
  }
  void says(std::expected<void, engine::DeliveryFailure> what) {
    const std::scoped_lock lock(mutex_);
    says_ = std::move(what);
  }
  Texts got() {
    const std::scoped_lock lock(mutex_);
    return got_;
  }

 private:
  std::mutex mutex_;
  std::expected<void, engine::DeliveryFailure> says_;
  Texts got_;
};

/// What outlives a crash.
struct World {
  csrflow::test::MemoryLog log;
  csrflow::test::ManualClock clock;
  Receiver receiver;
};

/// One run of the server, as far as notifications go. With `dies_before_record` it ends between the
/// receiver's yes and the log's.
class Run {
 public:
  explicit Run(World& world, bool dies_before_record = false)
      : world_(world),
        dies_(dies_before_record),
        writer_(
            world.log, world.clock, random_, issuer_, "csrflow test", {}, [](const std::string&) {},
            csrflow::test::sha256),
        pool_(world.receiver, csrflow::test::sha256,
              {.find_sink = [](const std::string&) { return engine::Webhook{}; },
               .submit = [this](auto results) { take(std::move(results)); },
               .complain = [](const std::string&) {}}) {}
  ~Run() { pool_.stop(); }

  void queue(engine::DeliveryCommand command) {
    engine::Submission submission;
    submission.stream = stream;
    submission.command = std::move(command);
    submission.context.actor.user = "jane";
    REQUIRE(writer_.call(std::move(submission)));
  }
  /// What the scheduler does when it looks. Waits for the results of what was due; how much that was.
  std::size_t look() {
    std::size_t due = 0;
    const auto state = engine::fold(stream, world_.log.reader()->stream(stream, {}));
    for (const engine::Timer& timer : engine::timers_of(stream, state, csrflow::test::sha256, nullptr))
      if (timer.due <= world_.clock.now()) {
        ++due;
        pool_.deliver(engine::delivery_task(timer, state).value());
      }
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return results_ >= due; }))
      throw std::runtime_error("the pool did not answer");
    results_ = 0;
    return due;
  }
  engine::DeliveryState state() const {
    return std::get<engine::DeliveryState>(engine::fold(stream, world_.log.reader()->stream(stream, {})));
  }

  static inline const engine::StreamId stream = engine::delivery_stream("ops", {4711});

 private:
  void take(std::vector<engine::Submission> results) {
    for (auto& result : results) {
      result.done = [this, done = std::move(result.done)](auto outcome) mutable {
        done(std::move(outcome));
        count();
      };
    }
    dies_ ? count() : writer_.submit(std::move(results));
  }
  void count() {
    const std::scoped_lock lock(mutex_);
    ++results_;
    changed_.notify_all();
  }

  World& world_;
  const bool dies_;
  csrflow::test::SeededRandom random_;
  csrflow::test::PaperIssuer issuer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t results_ = 0;  // guarded by mutex_
  engine::Writer writer_;
  DeliveryPool pool_;  // last: its threads use everything above
};

engine::QueueDelivery queued(std::uint32_t attempts = 20) {
  return {.sink = "ops", .notification = news(), .attempts = attempts};
}
engine::DeliveryFailure later() {
  return {"timed out", false};
}

}  // namespace

TEST_CASE("each piece of news is sent once for its cause") {
  World world;
  Run run(world);
  run.queue(queued());
  run.queue(queued());
  CHECK(run.look() == 1);
  CHECK(run.look() == 0);
  CHECK(world.receiver.got() == Texts{"ops/4711"});
  CHECK(run.state().delivered);
}

TEST_CASE("what a crash kept from being recorded is delivered again, with the same id") {
  World world;
  {
    Run run(world, true);
    run.queue(queued());
    CHECK(run.look() == 1);
  }
  CHECK(world.receiver.got() == Texts{"ops/4711"});
  {
    Run run(world);
    CHECK(run.look() == 1);
    CHECK(run.look() == 0);
  }
  Run run(world);
  CHECK(run.look() == 0);
  CHECK(world.receiver.got() == Texts{"ops/4711", "ops/4711"});
}

TEST_CASE("what is not taken waits longer and longer, then it is dead, and a person can have it sent again") {
  World world;
  Run run(world);
  world.receiver.says(std::unexpected(later()));
  run.queue(queued(3));
  engine::Duration last_wait;
  for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
    CHECK(run.look() == 1);
    CHECK(run.look() == 0);
    CHECK(run.state().attempts == attempt);
    CHECK(run.state().failure == "timed out");
    const auto next = engine::next_try(Run::stream, run.state(), csrflow::test::sha256);
    CHECK(next.has_value() == (attempt < 3));
    if (!next) continue;
    CHECK(*next - world.clock.now() > last_wait);
    last_wait = *next - world.clock.now();
    world.clock.set(*next);
  }
  CHECK(run.state().dead);
  world.clock.advance(engine::seconds(365 * 86'400));
  CHECK(run.look() == 0);

  world.receiver.says({});
  run.queue(engine::Redeliver{});
  CHECK(run.look() == 1);
  CHECK(run.state().delivered);
  CHECK(world.receiver.got().size() == 4);
}

TEST_CASE("what a receiver refuses for good is dead at once") {
  World world;
  Run run(world);
  world.receiver.says(std::unexpected(engine::DeliveryFailure{"410 Gone", true}));
  run.queue(queued());
  CHECK(run.look() == 1);
  CHECK(run.state().dead);
  CHECK(run.state().failure == "410 Gone");
}
