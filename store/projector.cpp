#include "store/projector.hpp"

#include "engine/streams.hpp"
#include "store/error.hpp"
#include "store/past_source.hpp"

namespace csrflow::store {
namespace {

constexpr std::size_t events_per_transaction = 2048;
constexpr std::size_t readers_kept = 8;

}  // namespace

Projector::Projector(const DataFiles& files, const engine::EventLog& log,
                     const engine::ObjectPresenter& presenter, engine::HashFunction hash, Options options)
    : files_(files),
      log_(log),
      presenter_(presenter),
      hash_(hash),
      options_(std::move(options)),
      file_(files, log.reader()->head(), maker_text(options_.maker, options_.requests.reader != nullptr)) {
  open_views();
  catch_up();
  if (!file_.rebuilt_because().empty()) {
    views_.reset();
    file_.put_in_place();
    open_views();
  }
  committed_ = views_->position();
  position_ = committed_.value;
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

Projector::~Projector() {
  thread_.request_stop();
  thread_.join();
  {
    const std::scoped_lock lock(readers_mutex_);
    readers_.clear();
  }
  finish();
}

void Projector::finish() {
  views_.reset();
  try {
    if (failure_)
      file_.discard();
    else
      file_.close_cleanly();
  } catch (const std::exception& e) {
    // Without the mark, the file is trusted by this boot only, and checked.
    if (options_.failed) options_.failed(std::string("the views could not be closed: ") + e.what());
  }
}

void Projector::open_views() {
  views_.emplace(file_.db(), presenter_, hash_, options_.requests, options_.rules, log_.reader());
}

// Reads from the log what the views do not show yet, up to its head.
void Projector::catch_up() {
  auto reader = log_.reader();
  const auto total = reader->head();
  engine::RecordReader records(std::move(reader), views_->position());
  for (;;) {
    const auto batch = records.next(events_per_transaction);
    if (batch.empty()) break;
    views_->apply(batch);
    if (views_->timers_pending()) views_->go_on();
    if (options_.catching_up) options_.catching_up(views_->position(), std::max(total, views_->position()));
  }
}

void Projector::committed(const std::shared_ptr<const engine::Batch>& batch) {
  if (batch->empty()) return;
  {
    const std::scoped_lock lock(mutex_);
    if (failure_) return;
    committed_ = batch->back().stamp.position;
    if (queued_events_ + batch->size() <= options_.events_waiting) {
      queue_.push_back(batch);
      queued_events_ += batch->size();
    }
  }
  wake_.notify_one();
}

void Projector::run(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto behind = [this] { return committed_.value > position_; };
  for (;;) {
    if (!views_->timers_pending()) wake_.wait(lock, stop, behind);
    if (failure_ || (!behind() && stop.stop_requested())) return;
    if (behind()) wake_.wait_for(lock, stop, options_.gather, [this] { return !waiting_.empty(); });
    const std::vector batches(queue_.begin(), queue_.end());
    queue_.clear();
    queued_events_ = 0;
    const auto target = committed_;
    lock.unlock();
    try {
      if (target > views_->position()) apply(batches, target);
      if (views_->timers_pending()) views_->go_on();
    } catch (const std::exception& e) {
      fail(e.what());
      return;
    }
    lock.lock();
  }
}

void Projector::apply(const std::vector<std::shared_ptr<const engine::Batch>>& batches,
                      engine::Position target) {
  engine::Batch together;
  auto next = views_->position().value + 1;
  const auto flush = [&] {
    if (together.empty()) return;
    views_->apply(together);
    together.clear();
    moved_to(views_->position());
  };
  for (const auto& batch : batches)
    for (const auto& record : *batch) {
      if (record.stamp.position.value != next) continue;  // known already, or behind a gap
      together.push_back(record);
      ++next;
      if (together.size() == events_per_transaction) flush();
    }
  flush();
  if (views_->position() < target) {
    catch_up();
    moved_to(views_->position());
  }
}

void Projector::moved_to(engine::Position position) {
  Waiting reached;
  {
    const std::scoped_lock lock(mutex_);
    position_ = position.value;
    while (!waiting_.empty() && waiting_.begin()->first <= position)
      reached.insert(waiting_.extract(waiting_.begin()));
  }
  for (auto& [wanted, call] : reached) call();
  if (options_.moved_on) options_.moved_on(position);
}

void Projector::fail(const std::string& what) {
  Waiting waiting;
  {
    const std::scoped_lock lock(mutex_);
    failure_ = "the views in " + files_.views().string() + " have failed (" + what +
               "); the log is not touched: restart csrflow, it makes them anew";
    queue_.clear();
    waiting.swap(waiting_);
  }
  // At once, since the process may be killed before it can do so.
  std::error_code ignored;
  std::filesystem::remove(files_.views(), ignored);
  if (options_.failed) options_.failed(*failure());
  for (auto& [wanted, call] : waiting) call();  // their reads say what happened
}

engine::Position Projector::position() const {
  return {position_.load()};
}

std::optional<std::string> Projector::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

void Projector::when_reached(engine::Position position, std::move_only_function<void()> call) {
  {
    const std::scoped_lock lock(mutex_);
    if (position_ < position.value && !failure_) {
      waiting_.emplace(position, std::move(call));
      wake_.notify_one();
      return;
    }
  }
  call();
}

// Lends a connection to one read.
template <typename Read>
auto Projector::reading(Read read) {
  if (const auto why = failure()) throw StoreError(*why);
  std::unique_ptr<ObjectReader> reader;
  {
    const std::scoped_lock lock(readers_mutex_);
    if (!readers_.empty()) {
      reader = std::move(readers_.back());
      readers_.pop_back();
    }
  }
  if (!reader) reader = std::make_unique<ObjectReader>(files_);
  auto result = read(*reader);
  const std::scoped_lock lock(readers_mutex_);
  if (readers_.size() < readers_kept) readers_.push_back(std::move(reader));
  return result;
}

std::optional<engine::ObjectRow> Projector::get(const std::string& resource, const std::string& name) {
  return reading([&](ObjectReader& reader) { return reader.get(resource, name); });
}

engine::ObjectList Projector::list(const engine::ListQuery& query) {
  return reading([&](ObjectReader& reader) { return reader.list(query); });
}

}  // namespace csrflow::store
