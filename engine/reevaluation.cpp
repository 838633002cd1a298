#include "engine/reevaluation.hpp"

#include <utility>

#include "engine/request_pages.hpp"
#include "engine/streams.hpp"

namespace csrflow::engine {
namespace {

/// Few, so that whoever asks meanwhile waits for few of them.
constexpr std::size_t most_under_way = 16;
constexpr std::chrono::seconds pause_after_failure{5};

bool changes_rules(const Record& record) {
  return holds_config(record.stamp.stream.category());
}

}  // namespace

Reevaluation::Reevaluation(ObjectViews& views, const EventLog& log, HashFunction hash, Submit submit,
                           Complain complain)
    : views_(views),
      log_(log),
      hash_(hash),
      submit_(std::move(submit)),
      complain_(std::move(complain)),
      under_way_(std::make_shared<UnderWay>()) {}

Reevaluation::~Reevaluation() {
  stop();
}

void Reevaluation::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

void Reevaluation::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Reevaluation::committed(const std::shared_ptr<const Batch>& batch) {
  for (const Record& record : *batch) {
    if (!changes_rules(record)) continue;
    const std::lock_guard lock(mutex_);
    changed_at_ = record.stamp.position;
    wake_.notify_one();
  }
}

void Reevaluation::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Position cause;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [&] { return changed_at_.has_value(); })) return;
      cause = *std::exchange(changed_at_, std::nullopt);
    }
    try {
      pass(cause, stop);
    } catch (const std::exception& failure) {
      complain_(std::string("the policies were not asked again about all undecided requests: ") +
                failure.what());
      std::unique_lock lock(mutex_);
      if (!changed_at_) changed_at_ = cause;
      wake_.wait_for(lock, stop, pause_after_failure, [] { return false; });
    }
  }
}

std::size_t Reevaluation::pass(Position cause, std::stop_token stop) {
  const auto reader = log_.reader();
  std::size_t asked = 0;
  for_each_request(views_, stop, [&](const ObjectRow& row) {
    if (looks_undecided(row) && ask(csr_stream(row.name), *reader, cause, stop)) ++asked;
  });
  return asked;
}

bool Reevaluation::ask(const StreamId& stream, EventReader& reader, Position cause, std::stop_token stop) {
  const State folded = fold(stream, reader.stream(stream));
  const auto* state = std::get_if<CsrState>(&folded);
  if (!state || !undecided(*state)) return false;
  {
    std::unique_lock lock(under_way_->mutex);
    if (!under_way_->done.wait(lock, stop, [&] { return under_way_->commands < most_under_way; }))
      return false;
    ++under_way_->commands;
  }
  const Sha256 digest = hash_("evaluate\n" + stream.text + '\n' + std::to_string(cause.value));
  Submission submission;
  submission.stream = stream;
  submission.command = CsrCommand(Evaluate{state->object->meta.uid});
  submission.context.actor = system_actor("policy");
  submission.context.command = {
      to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, 32)};
  submission.context.cause = event_reference(stream, state->version);
  submission.context.correlation = state->correlation;
  submission.done = [under_way = under_way_, complain = complain_,
                     stream](std::expected<Outcome, Refusal> outcome) {
    {
      const std::lock_guard lock(under_way->mutex);
      --under_way->commands;
    }
    under_way->done.notify_one();
    if (!outcome) complain(stream.text + " was not judged again by the policies: " + outcome.error().message);
  };
  submit_(std::move(submission));
  return true;
}

}  // namespace csrflow::engine
