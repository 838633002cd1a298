#include "engine/cleaner.hpp"

#include <algorithm>

#include "engine/request_pages.hpp"
#include "engine/streams.hpp"

namespace csrflow::engine {

Cleaner::Cleaner(ObjectViews& views, const EventLog& log, Writer& writer, const Clock& clock,
                 HashFunction hash, Retention retention, Complain complain, const StandingRules* rules)
    : views_(views),
      log_(log),
      writer_(writer),
      clock_(clock),
      hash_(hash),
      retention_(retention),
      complain_(std::move(complain)),
      rules_(rules) {}

Cleaner::~Cleaner() {
  stop();
}

void Cleaner::start() {
  if (retention_.keeps_everything()) return;
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

void Cleaner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

Duration Cleaner::between_passes() const {
  Duration between = longest_between_passes;
  for (const auto& period :
       {retention_.pending, retention_.approved, retention_.issued, retention_.denied, retention_.failed}) {
    if (period) between = std::min(between, *period);
  }
  return std::max(between, shortest_between_passes);
}

void Cleaner::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    try {
      pass(stop);
    } catch (const std::exception& failure) {
      complain_(std::string("old requests were not cleaned up: ") + failure.what());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::microseconds(between_passes().microseconds),
                   [] { return false; });
  }
}

std::size_t Cleaner::pass(std::stop_token stop) {
  const auto reader = log_.reader();
  std::size_t deleted = 0;
  for_each_request(views_, std::move(stop), [&](const ObjectRow& row) {
    if (clean(csr_stream(row.name), *reader)) ++deleted;
  });
  return deleted;
}

/// The same for every try on one version.
CommandId Cleaner::command_id(const StreamId& stream, Position version) const {
  const Sha256 digest = hash_("clean\n" + stream.text + '\n' + std::to_string(version.value));
  return {to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, 32)};
}

/// The deletion names the version that was judged: what has changed since stays until the next pass.
bool Cleaner::clean(const StreamId& stream, EventReader& reader) {
  const State folded = fold(stream, reader.stream(stream));
  const auto* state = std::get_if<CsrState>(&folded);
  if (!state) return false;
  const auto due = deletable_at(*state, retention_);
  if (!due || *due > clock_.now()) return false;
  if (const auto needed = needed_until(*state, rules_); needed && clock_.now() < *needed) return false;
  Submission submission;
  submission.stream = stream;
  submission.command = CsrCommand(Delete{.uid = state->object->meta.uid,
                                         .resource_version = state->resource_version,
                                         .propagation = Propagation::background});
  submission.context.actor = system_actor("cleaner");
  submission.context.command = command_id(stream, state->resource_version);
  submission.context.cause = event_reference(stream, state->version);
  submission.context.correlation = state->correlation;
  const auto outcome = writer_.call(std::move(submission));
  if (outcome) return true;
  const bool gone = outcome.error().kind == Refusal::Kind::not_found ||
                    outcome.error().kind == Refusal::Kind::version_mismatch ||
                    outcome.error().kind == Refusal::Kind::uid_mismatch;
  if (!gone) complain_(stream.text + " was not cleaned up: " + outcome.error().message);
  return false;
}

}  // namespace csrflow::engine
