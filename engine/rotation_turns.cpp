#include "engine/rotation_turns.hpp"

#include <utility>

#include "engine/duration.hpp"

namespace csrflow::engine {
namespace {

/// The certificate that the timer is about.
const LedgerEntry* certificate_of(const CsrState& state, const Command& command) {
  const auto* csr = std::get_if<CsrCommand>(&command);
  const auto* announce = csr ? std::get_if<AnnounceRotation>(csr) : nullptr;
  return announce ? state.certificate_of(announce->uid) : nullptr;
}

const std::string& job_of(const Command& command) {
  return std::get<AnnounceRotation>(std::get<CsrCommand>(command)).job;
}

/// `350/s`, `500/1h`.
std::string rate_text(std::int64_t limit, Duration period) {
  const std::string text = duration_text(period);
  return std::to_string(limit) + '/' + (text == "1s" ? "s" : text);
}

SummariseAlerts too_low(const SignerName& signer, const CapForecast& forecast, const RateCap& cap,
                        const StreamId& first) {
  return {.alert = Notable::cap_too_low,
          .count = static_cast<std::uint32_t>(
              std::min<std::uint64_t>(forecast.too_late, std::numeric_limits<std::uint32_t>::max())),
          .nearest_end = *forecast.first_too_late,
          .examples = {first.text},
          .message = "at " + rate_text(cap.limit, cap.period) + " the rotations that wait for signer " +
                     signer.text + " take until " + rfc3339_seconds(forecast.last_begins) + ", and " +
                     std::to_string(forecast.too_late) +
                     " begin in the last twentieth of their certificates' lifetimes or later: set perSigner "
                     "in the limits of their rotation policy to " +
                     rate_text(forecast.enough, cap.period) + " at least"};
}

}  // namespace

RotationTurns::RotationTurns(TimerSource& source, HashFunction hash, const StandingRules* rules,
                             CommitWatch* commits, Timestamp now)
    : source_(source),
      hash_(hash),
      rules_(rules),
      commits_(commits),
      queue_(std::make_unique<RotationQueue>(now)) {}

RotationTurns::Line& RotationTurns::line_of(const SignerName& signer, const std::string& job) {
  const SignerName key = job.empty() ? signer : SignerName{signer.text + " of job " + job};
  const auto [line, is_new] = lines_.try_emplace(key.text);
  if (is_new) {
    line->second.key = key;
    line->second.signer = signer;
    if (held_.contains(signer)) queue_->hold(key);
  }
  return line->second;
}

RotationTurns::Taken RotationTurns::take(const Timer& timer) {
  const auto state = source_.state(timer.stream);
  const auto* csr = std::get_if<CsrState>(state.get());
  if (!csr) return Taken::uncapped;
  auto command = command_of(timer, *state);
  const LedgerEntry* held = command ? certificate_of(*csr, *command) : nullptr;
  if (!held || !csr->object) return Taken::moved_on;

  const auto order = rotation_order(*csr, *held, rules_);
  const std::string& job = job_of(*command);
  // A job's rotations were asked for by a person, whatever the policy's limits: they have a cap of their own.
  const RotationLimits limits = order && job.empty() ? order->rules->limits : RotationLimits{};
  Line& line = line_of(csr->object->spec->signer_name, job);
  const RotationCaps caps =
      caps_of(limits, line.key, csr->object->spec->username + job, order ? order->since : Position{});
  if (!queue_->add({timer.kind, timer.stream, timer.cause, timer.attempt, timer.due, timer.not_after}, caps))
    return Taken::no_room;
  line.cap = caps.per_signer;
  if (line.ends.empty() || held->not_after < line.ends.front().not_after) line.first = timer.stream;
  const Validity validity{std::max(held->not_before, held->issued_at), held->not_after};
  line.ends.push_back({held->not_after, validity.length()});
  if (line.ends.back().not_after < line.ends.front().not_after)
    std::swap(line.ends.back(), line.ends.front());
  if (prepared_.size() < most_prepared) prepared_.emplace(timer.stream.text, std::move(*command));
  return Taken::waits;
}

std::optional<Command> RotationTurns::prepared(const Timer& timer) {
  if (auto ready = prepared_.extract(timer.stream.text)) {
    const auto& announce = std::get<AnnounceRotation>(std::get<CsrCommand>(ready.mapped()));
    if (announce.cause == timer.cause && announce.attempt == timer.attempt) return std::move(ready.mapped());
  }
  return command_of(timer, *source_.state(timer.stream));
}

std::vector<RotationTurns::Turn> RotationTurns::next(Timestamp now, Duration monotonic, std::size_t most) {
  std::vector<Turn> turns;
  for (DueRotation& due : queue_->next(now, most)) {
    Timer timer{due.kind, std::move(due.stream), due.cause, due.attempt, due.due, due.not_after};
    auto command = prepared(timer);
    if (command && commits_) {
      commits_->expect(timer.stream);
      under_way_[timer.stream.text] = {.key = {}, .successor = {}, .since = monotonic};
    }
    turns.push_back({std::move(timer), std::move(command)});
  }
  return turns;
}

// ---- under way ----------------------------------------------------------------------------------

void RotationTurns::announced(const Timer& timer, const Outcome& outcome) {
  const CsrEvent* event = outcome.records.empty() ? nullptr : outcome.records.front().csr_event();
  const auto* due = event ? std::get_if<RotationDue>(event) : nullptr;
  const auto began = under_way_.find(timer.stream.text);
  const CsrState* before = due ? outcome.records.front().csr_before() : nullptr;
  if (!before || !before->object || due->successor.empty() || began == under_way_.end())
    return ended(timer.stream);
  began->second.key = line_of(before->object->spec->signer_name, due->job).key;
  began->second.successor = csr_stream(due->successor);
}

void RotationTurns::ended(const StreamId& stream) {
  queue_->finished(stream);
  under_way_.erase(stream.text);
  if (commits_) commits_->forget(stream);
}

bool RotationTurns::is_being_signed(const StreamId& successor) {
  const auto state = source_.state(successor);
  const auto* csr = std::get_if<CsrState>(state.get());
  return csr && (awaits_signature(*csr) || !csr->open_issues.empty());
}

void RotationTurns::look_at_old(Duration monotonic) {
  std::vector<StreamId> over;
  for (auto& [stream, rotation] : under_way_) {
    if (monotonic < rotation.since + patience_with_people) continue;
    rotation.since = monotonic;
    if (!is_being_signed(rotation.successor)) over.push_back({stream});
  }
  for (const StreamId& stream : over) ended(stream);
}

void RotationTurns::hold(const SignerName& signer) {
  held_.insert(signer);
  for (const auto& [key, line] : lines_)
    if (line.signer == signer) queue_->hold(line.key);
}

void RotationTurns::release(const SignerName& signer) {
  held_.erase(signer);
  for (const auto& [key, line] : lines_)
    if (line.signer == signer) queue_->release(line.key);
}

// ---- caps ---------------------------------------------------------------------------------------

std::vector<SummariseAlerts> RotationTurns::forecast(Timestamp now) {
  std::vector<SummariseAlerts> alerts;
  for (auto& [key, line] : lines_) {
    const std::vector<WaitingEnd> ends = std::exchange(line.ends, {});
    if (queue_->waiting() == 0) line.told = false;
    if (line.told || ends.size() <= static_cast<std::size_t>(line.cap.burst)) continue;
    const CapForecast forecast = cap_forecast(ends, line.cap, now);
    if (!forecast.cap_too_low()) continue;
    line.told = true;
    alerts.push_back(too_low(line.signer, forecast, line.cap, line.first));
  }
  return alerts;
}

void RotationTurns::start_over(Timestamp now) {
  queue_ = std::make_unique<RotationQueue>(now);
  prepared_.clear();
  for (auto& [key, line] : lines_) {
    line.ends.clear();
    if (held_.contains(line.signer)) queue_->hold(line.key);
  }
  for (const auto& [stream, rotation] : under_way_) queue_->under_way({stream}, rotation.key);
}

}  // namespace csrflow::engine
