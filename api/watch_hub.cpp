#include "api/watch_hub.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "api/listing.hpp"
#include "api/resource.hpp"
#include "api/worker_pool.hpp"
#include "engine/streams.hpp"

namespace csrflow::api {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Records = std::vector<std::shared_ptr<WatchRecord>>;

/// The last records that show something, without gaps after `floor`.
class Ring {
 public:
  Ring(engine::Position head, const WatchLimits& limits) : floor_(head), head_(head), limits_(limits) {}

  void add(const engine::Batch& batch) {
    for (const auto& record : batch) {
      auto made = WatchRecord::of(record);
      if (!made) continue;
      bytes_ += made->bytes();
      records_.push_back(std::move(made));
    }
    head_ = batch.back().stamp.position;
    while (records_.size() > limits_.recent_records || bytes_ > limits_.recent_bytes) {
      floor_ = records_.front()->position();
      bytes_ -= records_.front()->bytes();
      records_.pop_front();
    }
  }
  /// Does it hold all that came after `position`?
  bool covers(engine::Position position) const { return position >= floor_; }
  /// The first record after `position`; null when there is none.
  WatchRecord* after(engine::Position position) const {
    const auto found = std::ranges::upper_bound(records_, position, {}, &WatchRecord::position);
    return found == records_.end() ? nullptr : found->get();
  }
  engine::Position head() const { return head_; }

 private:
  std::deque<std::shared_ptr<WatchRecord>> records_;
  engine::Position floor_, head_;
  std::size_t bytes_ = 0;
  const WatchLimits limits_;
};

struct Watch {
  std::uint64_t id = 0;
  std::shared_ptr<Stream> stream;
  WatchRequest request;
  engine::Position position;  // all up to here is sent or does not concern it
  bool listing = false;       // what is there now is not sent yet
  bool initial_end_due = false;
  engine::ObjectList page;  // of the initial list
  std::size_t page_sent = 0;
  Records from_log;  // read ahead while catching up
  std::size_t from_log_sent = 0;
  engine::Position from_log_end;
  bool reading = false;  // a worker is at it
  bool blocked = false;  // until the stream has room
  bool first = true;     // no object sent yet
  SteadyClock::time_point end, next_bookmark;
};

}  // namespace

/// Everything below `run` happens on the hub's thread; others only leave tasks.
class WatchHub::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(engine::ObjectViews& views, const engine::EventLog& log, const engine::Clock& clock,
       WatchLimits limits)
      : views_(views), log_(log), clock_(clock), limits_(limits), ring_(log.reader()->head(), limits) {}

  void start() {
    workers_ = std::make_unique<WorkerPool>(static_cast<unsigned>(limits_.catching_up));
    thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
  }
  /// After this nobody touches what the hub was given.
  void end() {
    leave([this] { close_all(); });
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    workers_.reset();
    const std::lock_guard lock(mutex_);
    tasks_.clear();
    closed_ = true;
  }

  void leave(std::move_only_function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }

  void add(const engine::Batch& batch) {
    ring_.add(batch);
    for_each_watch([this](Watch& watch) { advance(watch); });
  }
  void open(std::shared_ptr<Stream> stream, WatchRequest request);
  void close_all() {
    stopping_ = true;
    for (auto& [id, watch] : watches_) watch.stream->close();
    watches_.clear();
  }

 private:
  void run(std::stop_token stop);
  SteadyClock::time_point look_at_the_clock();
  template <class Do>
  void for_each_watch(Do act);
  void advance(Watch&);
  bool send(Watch&, const SharedBytes&);
  bool send_page(Watch&);
  bool send_read(Watch&);
  bool send_recent(Watch&);
  bool send_record(Watch&, WatchRecord&);
  void read_page(Watch&, const std::string& after, std::optional<engine::Position> at);
  void read_log(Watch&);
  void after_reading(std::uint64_t id, std::move_only_function<void(Watch&)>);
  template <class Read>
  std::move_only_function<void()> reading(std::uint64_t id, Read);

  engine::ObjectViews& views_;
  const engine::EventLog& log_;
  const engine::Clock& clock_;
  const WatchLimits limits_;

  Ring ring_;                                         // owned by the hub's thread
  std::unordered_map<std::uint64_t, Watch> watches_;  // owned by the hub's thread
  std::vector<std::uint64_t> over_;  // ended while going through them; owned by the hub's thread
  std::uint64_t last_id_ = 0;        // owned by the hub's thread
  bool stopping_ = false;            // owned by the hub's thread

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<std::move_only_function<void()>> tasks_;  // guarded by mutex_
  bool closed_ = false;                                 // guarded by mutex_
  std::unique_ptr<WorkerPool> workers_;
  std::jthread thread_;
};

// ---- the thread ---------------------------------------------------------------------------------

void WatchHub::Core::run(std::stop_token stop) {
  auto look_again = SteadyClock::time_point::max();
  for (;;) {
    std::vector<std::move_only_function<void()>> tasks;
    {
      std::unique_lock lock(mutex_);
      const auto something = [&] { return !tasks_.empty(); };
      if (look_again == SteadyClock::time_point::max()) {
        wake_.wait(lock, stop, something);
      } else {
        wake_.wait_until(lock, stop, look_again, something);
      }
      tasks.swap(tasks_);
    }
    if (tasks.empty() && stop.stop_requested()) return;
    for (auto& task : tasks) task();
    look_again = look_at_the_clock();
  }
}

template <class Do>
void WatchHub::Core::for_each_watch(Do act) {
  for (auto& [id, watch] : watches_) act(watch);
  for (const auto id : over_) watches_.erase(id);
  over_.clear();
}

/// Ends what is due and sends bookmarks; says when to look again.
SteadyClock::time_point WatchHub::Core::look_at_the_clock() {
  const auto now = SteadyClock::now();
  auto next = SteadyClock::time_point::max();
  for_each_watch([&](Watch& watch) {
    if (now >= watch.end) {
      watch.stream->close();
      over_.push_back(watch.id);
      return;
    }
    if (watch.request.bookmarks && now >= watch.next_bookmark) {
      // Only who has seen everything is told that this is everything.
      const bool complete =
          !watch.listing && !watch.blocked && watch.from_log.empty() && watch.position == ring_.head();
      if (complete) send(watch, bookmark_event(watch.request.form, watch.position, false));
      watch.next_bookmark = now + limits_.bookmark_every;
      const auto last = watch.end - limits_.bookmark_before_end;
      if (now < last) watch.next_bookmark = std::min(watch.next_bookmark, last);
    }
    next = std::min(next, watch.request.bookmarks ? std::min(watch.end, watch.next_bookmark) : watch.end);
  });
  return next;
}

// ---- one watch ----------------------------------------------------------------------------------

void WatchHub::Core::open(std::shared_ptr<Stream> stream, WatchRequest request) {
  if (stopping_) {
    stream->close();
    return;
  }
  const auto id = ++last_id_;
  const auto now = SteadyClock::now();
  Watch& watch = watches_[id];
  watch.id = id;
  watch.stream = std::move(stream);
  watch.request = std::move(request);
  watch.position = watch.request.start.after.value_or(ring_.head());
  watch.end = now + watch.request.timeout;
  watch.next_bookmark = std::min(now + limits_.bookmark_every, watch.end - limits_.bookmark_before_end);
  const std::weak_ptr<Core> weak = weak_from_this();
  watch.stream->on_writable([weak, id] {
    if (const auto core = weak.lock()) core->after_reading(id, [](Watch& ready) { ready.blocked = false; });
  });
  watch.stream->on_closed([weak, id] {
    const auto core = weak.lock();
    if (core) core->leave([raw = core.get(), id] { raw->watches_.erase(id); });
  });
  if (watch.request.start.initial) {
    watch.listing = true;
    watch.initial_end_due = watch.request.start.initial_bookmark;
    read_page(watch, {}, watch.request.start.opened);
  } else {
    advance(watch);
  }
}

void WatchHub::Core::after_reading(std::uint64_t id, std::move_only_function<void(Watch&)> take) {
  leave([this, id, take = std::move(take)]() mutable {
    const auto found = watches_.find(id);
    if (found == watches_.end()) return;
    take(found->second);
    advance(found->second);
  });
}

/// Sends what there is to send until nothing is left, the stream is full, or a worker must read first.
void WatchHub::Core::advance(Watch& watch) {
  if (watch.blocked || watch.reading) return;
  if (watch.listing && !send_page(watch)) return;
  if (!send_read(watch)) return;
  if (ring_.covers(watch.position)) {
    send_recent(watch);
  } else {
    read_log(watch);
  }
}

bool WatchHub::Core::send(Watch& watch, const SharedBytes& event) {
  if (!watch.stream->write(event)) {
    watch.blocked = true;
    return false;
  }
  return true;
}

/// False when there is more of the initial list to come.
bool WatchHub::Core::send_page(Watch& watch) {
  const auto& form = watch.request.form;
  for (auto& sent = watch.page_sent; sent < watch.page.rows.size(); ++sent) {
    if (!send(watch, initial_event(form, watch.page.rows[sent], watch.first, clock_.now()))) return false;
    watch.first = false;
  }
  if (watch.page.more) {
    read_page(watch, watch.page.rows.back().name, watch.page.position);
    return false;
  }
  if (watch.initial_end_due && !send(watch, bookmark_event(form, watch.page.position, true))) return false;
  watch.initial_end_due = false;
  watch.listing = false;
  watch.position = watch.page.position;
  watch.page = {};
  return true;
}

/// False when not all that was read from the log is sent.
bool WatchHub::Core::send_read(Watch& watch) {
  if (watch.from_log_end <= watch.position) return true;
  for (auto& sent = watch.from_log_sent; sent < watch.from_log.size(); ++sent) {
    if (!send_record(watch, *watch.from_log[sent])) return false;
  }
  watch.position = watch.from_log_end;
  watch.from_log.clear();
  watch.from_log_sent = 0;
  return true;
}

bool WatchHub::Core::send_recent(Watch& watch) {
  while (auto* record = ring_.after(watch.position)) {
    if (!send_record(watch, *record)) return false;
    watch.position = record->position();
  }
  watch.position = std::max(watch.position, ring_.head());
  return true;
}

bool WatchHub::Core::send_record(Watch& watch, WatchRecord& record) {
  const auto& request = watch.request;
  const auto event = record.event(request.form, request.selector, watch.first, clock_.now());
  if (!event) return true;
  if (!send(watch, event)) return false;
  watch.first = false;
  return true;
}

// ---- reading on workers -------------------------------------------------------------------------

/// A job that ends the watch when it cannot read: the client comes again from where it was.
template <class Read>
std::move_only_function<void()> WatchHub::Core::reading(std::uint64_t id, Read read) {
  return [this, id, read = std::move(read)] {
    try {
      read();
    } catch (const std::exception&) {
      after_reading(id, [](Watch& failed) { failed.stream->close(); });
    }
  };
}

void WatchHub::Core::read_page(Watch& watch, const std::string& after, std::optional<engine::Position> at) {
  watch.reading = true;
  const ListWish wish{.at = at, .name_after = after, .limit = limits_.page};
  auto job = reading(watch.id, [this, id = watch.id, resource = watch.request.form.resource,
                                selector = watch.request.selector, wish] {
    auto list = list_of(*resource, {views_, log_, clock_}, selector, wish);
    after_reading(id, [list = std::move(list)](Watch& reader) mutable {
      reader.reading = false;
      reader.page = std::move(list);
      reader.page_sent = 0;
    });
  });
  views_.when_reached(std::max(ring_.head(), at.value_or(engine::Position{})),
                      [weak = weak_from_this(), job = std::move(job)]() mutable {
                        const auto core = weak.lock();
                        if (core)
                          core->leave([raw = core.get(), job = std::move(job)]() mutable {
                            raw->workers_->run(std::move(job));
                          });
                      });
}

void WatchHub::Core::read_log(Watch& watch) {
  watch.reading = true;
  workers_->run(reading(watch.id, [this, id = watch.id, after = watch.position] {
    engine::RecordReader reader(log_.reader(), after, limits_.page);
    Records records;
    for (const auto& record : reader.next(limits_.page)) {
      if (auto made = WatchRecord::of(record)) records.push_back(std::move(made));
    }
    after_reading(id, [records = std::move(records), end = reader.position()](Watch& behind) mutable {
      behind.reading = false;
      behind.from_log = std::move(records);
      behind.from_log_sent = 0;
      behind.from_log_end = end;
    });
  }));
}

// ---- the hub ------------------------------------------------------------------------------------

WatchHub::WatchHub(engine::ObjectViews& views, const engine::EventLog& log, const engine::Clock& clock,
                   WatchLimits limits)
    : core_(std::make_shared<Core>(views, log, clock, limits)) {
  core_->start();
}

WatchHub::~WatchHub() {
  core_->end();
}

void WatchHub::committed(const std::shared_ptr<const engine::Batch>& batch) {
  core_->leave([core = core_.get(), batch] { core->add(*batch); });
}

void WatchHub::open(std::shared_ptr<Stream> stream, WatchRequest request) {
  core_->leave([core = core_.get(), stream = std::move(stream), request = std::move(request)]() mutable {
    core->open(std::move(stream), std::move(request));
  });
}

void WatchHub::stop() {
  core_->leave([core = core_.get()] { core->close_all(); });
}

}  // namespace csrflow::api
