#include "engine/firing.hpp"

#include <algorithm>
#include <utility>

#include "engine/csr_timers.hpp"
#include "engine/rotation.hpp"

namespace csrflow::engine {
namespace {

/// What is handed to a worker is not handed twice while it works.
constexpr Duration signing_work = seconds(10), delivery_work = seconds(120);
/// What there was no room for comes again.
constexpr Duration a_moment = seconds(1);
constexpr Timestamp whenever{std::numeric_limits<std::int64_t>::max()};

const StreamId log_stream{"log/events"};

Context context_of(const Timer& timer, HashFunction hash) {
  return {.actor = system_actor(actor_of(timer.kind)),
          .source = {},
          .command = command_id(timer, hash),
          .cause = {},
          .correlation = {},
          .program = {}};
}

std::optional<SignerName> signer_of(const State& state) {
  const auto* csr = std::get_if<CsrState>(&state);
  if (!csr || !csr->object) return std::nullopt;
  return csr->object->spec->signer_name;
}

bool same_key(const Timer& a, const Timer& b) {
  return a.kind == b.kind && a.stream == b.stream && a.cause == b.cause && a.attempt == b.attempt;
}

}  // namespace

Firing::Firing(const FiringGround& ground, TimerWorkers workers,
               std::function<void(const std::string&)> complain, Timestamp now)
    : ground_(ground),
      workers_(std::move(workers)),
      complaints_(std::move(complain)),
      due_(ground_.source),
      gates_(ground_.hash),
      turns_(ground_.source, ground_.hash, ground_.rules, ground_.commits, now),
      pipeline_(ground_.writer) {}

// ---- a look -------------------------------------------------------------------------------------

void Firing::begin(const ClockReading& clock, std::stop_token stop) {
  clock_ = clock;
  stop_ = std::move(stop);
  more_ = busy_ = false;
  complaints_.begin_minute(clock.monotonic);
  hear();
  turns_.look_at_old(clock.monotonic);
  due_.wake(clock.monotonic);
  distribute(due_.read(clock.wall, clock.monotonic, most_read));
  SignerGates::Released released = gates_.release(clock.wall);
  for (DueTimer& due : released.work) due_.put(std::move(due));
  for (const SignerName& signer : released.working) turns_.release(signer);
}

void Firing::hear() {
  if (!ground_.commits) return;
  CommitWatch::Heard heard = ground_.commits->take();
  for (const StreamId& stream : heard.ended) {
    turns_.ended(stream);
    drop_delivery(stream);
  }
  for (const SignerName& signer : heard.signers) {
    gates_.succeeded(signer);
    signed_at_[signer] = clock_.monotonic;
  }
}

void Firing::distribute(std::vector<Timer> timers) {
  for (Timer& timer : timers) {
    if (timer.kind != TimerKind::rotate && timer.kind != TimerKind::rotate_retry) {
      due_.put({.timer = std::move(timer)});
      continue;
    }
    switch (turns_.take(timer)) {
      case RotationTurns::Taken::waits:
        break;
      case RotationTurns::Taken::uncapped:
        due_.put({.timer = std::move(timer)});
        break;
      case RotationTurns::Taken::moved_on:
        due_.forget(timer);
        break;
      case RotationTurns::Taken::no_room:
        due_.drop(timer, clock_.monotonic);
        break;
    }
  }
}

void Firing::recover(const ClockReading& clock) {
  begin(clock, {});
  std::vector<Timer> left = ground_.source.unfinished();
  std::erase_if(left, [&](const Timer& timer) { return !due_.know(timer); });
  distribute(std::move(left));
}

void Firing::start_over(const ClockReading& clock) {
  due_.start_over();
  gates_.start_over();
  turns_.start_over(clock.wall);
}

std::optional<Duration> Firing::next(const ClockReading& clock) {
  std::optional<Duration> next;
  const auto in = [&](Duration wait) { next = next ? std::min(*next, wait) : wait; };
  if (const auto at = turns_.wake(clock.wall)) in(*at - clock.wall);
  if (const auto at = gates_.next_probe()) in(*at - clock.wall);
  if (const auto at = due_.next_wake()) in(*at - clock.monotonic);
  return next;
}

template <class F>
std::size_t Firing::each(Rank rank, Timestamp until, F fire) {
  std::size_t seen = 0, fired = 0;
  while (seen < most_of_a_rank && !stop_.stop_requested()) {
    if (!pipeline_.room()) {
      busy_ = true;
      return fired;
    }
    std::vector<DueTimer> some = due_.take(rank, CommandPipeline::batch, until);
    if (some.empty()) return fired;
    seen += some.size();
    for (DueTimer& due : some) fired += fire(std::move(due));
  }
  more_ = true;
  return fired;
}

// ---- ranks --------------------------------------------------------------------------------------

std::size_t Firing::half_done() {
  return each(Rank::half_done, whenever, [this](DueTimer due) { return hand_to_signer(std::move(due)); });
}

std::size_t Firing::unsigned_yet() {
  return each(Rank::unsigned_yet, clock_.wall,
              [this](DueTimer due) { return begin_signature(std::move(due)); });
}

std::size_t Firing::by_time() {
  std::size_t fired = each(Rank::truth, clock_.wall, [this](DueTimer due) { return fire(std::move(due)); });
  // The truth first: later ranks wait until all of it is recorded.
  if (more_ || busy_ || !due_.read_enough()) return fired;
  pipeline_.settle();
  forecast();
  fired += rotations();
  fired += news();
  return fired;
}

std::size_t Firing::hand_to_signer(DueTimer due) {
  const auto state = ground_.source.state(due.timer.stream);
  auto task = signing_task(due.timer, *state);
  if (!task) {
    moved_on(std::move(due), *state);
    return 0;
  }
  if (const auto signer = signer_of(*state)) {
    const auto last = signed_at_.find(*signer);
    const bool works = last != signed_at_.end() && due.handed && last->second >= *due.handed;
    if (due.handed && !works) signer_failed(*signer, std::nullopt);
    if (!gates_.open(*signer) && !std::exchange(due.probe, false)) {
      due.handed.reset();
      hold_back(*signer, std::move(due));
      return 0;
    }
  }
  workers_.sign(std::move(*task));
  due.handed = clock_.monotonic;
  due_.wait(std::move(due), clock_.monotonic + signing_work, clock_.monotonic);
  return 1;
}

std::size_t Firing::begin_signature(DueTimer due) {
  const auto state = ground_.source.state(due.timer.stream);
  auto command = command_of(due.timer, *state);
  const auto signer = signer_of(*state);
  if (!command || !signer) {
    moved_on(std::move(due), *state);
    return 0;
  }
  if (!gates_.open(*signer) && !std::exchange(due.probe, false)) {
    hold_back(*signer, std::move(due));
    return 0;
  }
  send(std::move(due), std::move(*command), signer);
  return 1;
}

std::size_t Firing::fire(DueTimer due) {
  const auto state = ground_.source.state(due.timer.stream);
  if (auto task = delivery_task(due.timer, *state)) return deliver(std::move(due), std::move(*task));
  auto command = command_of(due.timer, *state);
  if (!command) {
    moved_on(std::move(due), *state);
    return 0;
  }
  if (auto* csr = std::get_if<CsrCommand>(&*command))
    if (auto* alert = std::get_if<RaiseAlert>(csr)) alert->summarised = due.summarised;
  send(std::move(due), std::move(*command), std::nullopt);
  return 1;
}

std::size_t Firing::deliver(DueTimer due, DeliveryTask task) {
  const std::string& stream = due.timer.stream.text;
  // Its worker had it and gave no answer.
  if (const auto out = out_.find(stream); out != out_.end() && due.handed) drop_delivery(due.timer.stream);
  if (out_.size() >= most_deliveries || of_sink_[task.sink] >= most_deliveries_of_sink) {
    due_.wait(std::move(due), clock_.monotonic + a_moment, clock_.monotonic);
    return 0;
  }
  ++of_sink_[task.sink];
  out_[stream] = {task.sink, task.attempt};
  if (ground_.commits) ground_.commits->expect(due.timer.stream);
  workers_.deliver(std::move(task));
  due.handed = clock_.monotonic;
  due_.wait(std::move(due), clock_.monotonic + delivery_work, clock_.monotonic);
  return 1;
}

void Firing::drop_delivery(const StreamId& stream) {
  const auto out = out_.find(stream.text);
  if (out == out_.end()) return;
  if (--of_sink_[out->second.sink] == 0) of_sink_.erase(out->second.sink);
  out_.erase(out);
}

// ---- rotations ----------------------------------------------------------------------------------

std::size_t Firing::rotations() {
  std::size_t begun =
      each(Rank::rotation, clock_.wall, [this](DueTimer due) { return fire(std::move(due)); });
  while (begun < most_of_a_rank && !stop_.stop_requested()) {
    if (!pipeline_.room()) {
      busy_ = true;
      return begun;
    }
    hear();
    std::vector<RotationTurns::Turn> turns = turns_.next(by_now(), clock_.monotonic, CommandPipeline::batch);
    // While answers are awaited, time passes and the caps have room again.
    if (turns.empty() && !pipeline_.await_some()) return begun;
    for (RotationTurns::Turn& turn : turns) begin_rotation(std::move(turn));
    begun += turns.size();
  }
  more_ = true;
  return begun;
}

void Firing::begin_rotation(RotationTurns::Turn turn) {
  if (!turn.command) {
    turns_.ended(turn.timer.stream);
    due_.forget(turn.timer);
    return;
  }
  Submission submission{
      turn.timer.stream, std::move(*turn.command), context_of(turn.timer, ground_.hash), false, {}, {}};
  pipeline_.send(std::move(submission), [this, timer = std::move(turn.timer)](const Result& result) {
    if (result)
      turns_.announced(timer, *result);
    else
      turns_.ended(timer.stream);
    answered({.timer = timer}, std::nullopt, result);
  });
}

void Firing::forecast() {
  for (SummariseAlerts& alert : turns_.forecast(clock_.wall)) note(std::move(alert));
}

// ---- news ---------------------------------------------------------------------------------------

std::size_t Firing::news() {
  for (const TimerKind kind :
       {TimerKind::rotate_overdue, TimerKind::at_risk, TimerKind::give_up, TimerKind::agent_silent})
    if (due_.untold(kind) > many_alerts) summarise(kind);
  return each(Rank::news, clock_.wall, [this](DueTimer due) { return fire(std::move(due)); });
}

void Firing::summarise(TimerKind kind) {
  std::vector<DueTimer> all = due_.take(Rank::news, std::numeric_limits<std::size_t>::max(), whenever);
  const auto meant = [&](const DueTimer& due) { return due.timer.kind == kind && !due.summarised; };
  AlertsSummarised together{.alert = *alert_of(kind)};
  for (const DueTimer& due : all) {
    if (!meant(due)) continue;
    if (++together.count == 1 || due.timer.not_after < together.nearest_end)
      together.nearest_end = due.timer.not_after;
    if (together.examples.size() < examples) together.examples.push_back(due.timer.stream.text);
  }
  together.message = std::to_string(together.count) +
                     " certificates: " + std::string(name_of(together.alert)) + "; the first of them ends " +
                     rfc3339_seconds(together.nearest_end);
  // First this: after a crash in between, it is told again rather than never.
  const bool told = note(std::move(together));
  for (DueTimer& due : all) {
    due.summarised = due.summarised || (told && meant(due));
    due_.put(std::move(due));
  }
}

bool Firing::note(LogCommand command) {
  Context context;
  context.actor = system_actor("scheduler");
  const auto done =
      ground_.writer.call({log_stream, Command(std::move(command)), std::move(context), false, {}, {}});
  if (!done) complaints_.say("the log's own event has to wait: " + done.error().message, clock_.monotonic);
  return done.has_value();
}

// ---- answers ------------------------------------------------------------------------------------

void Firing::send(DueTimer due, Command command, std::optional<SignerName> signer) {
  Submission submission{
      due.timer.stream, std::move(command), context_of(due.timer, ground_.hash), false, {}, {}};
  pipeline_.send(std::move(submission),
                 [this, due = std::move(due), signer = std::move(signer)](const Result& result) mutable {
                   answered(std::move(due), signer, result);
                 });
}

void Firing::answered(DueTimer due, const std::optional<SignerName>& signer, const Result& result) {
  if (!result)
    refused(std::move(due), signer, result.error());
  else if (result->records.empty())
    moved_on(std::move(due), *result->state);
  else
    due_.forget(due.timer);
}

void Firing::refused(DueTimer due, const std::optional<SignerName>& signer, const Refusal& refusal) {
  complaints_.say(due.timer.stream.text + ": " + std::string(name_of(due.timer.kind)) +
                      " has to wait: " + refusal.message,
                  clock_.monotonic);
  if (signer && refusal.kind == Refusal::Kind::unavailable) {
    const auto state = ground_.source.state(due.timer.stream);
    const auto* request = std::get_if<CsrState>(state.get());
    signer_failed(*signer, request ? left_of(*request) : std::nullopt);
    if (!gates_.open(*signer)) {
      ++due.failures;
      return hold_back(*signer, std::move(due));
    }
  }
  back_off(std::move(due));
}

void Firing::signer_failed(const SignerName& signer, std::optional<Duration> left) {
  if (!gates_.failed(signer, clock_.wall, left)) return;
  turns_.hold(signer);
  complaints_.say("signer " + signer.text + " failed " + std::to_string(failures_that_open) +
                      " times in a row: what waits for it is tried one by one until one succeeds",
                  clock_.monotonic);
}

/// Of the certificate that the request follows.
std::optional<Duration> Firing::left_of(const CsrState& request) {
  if (!request.predecessor) return std::nullopt;
  const auto state = ground_.source.state(csr_stream(request.predecessor->name));
  const auto* before = std::get_if<CsrState>(state.get());
  const LedgerEntry* held = before ? before->certificate_of(request.predecessor->uid) : nullptr;
  if (!held) return std::nullopt;
  return held->not_after - clock_.wall;
}

void Firing::hold_back(const SignerName& signer, DueTimer due) {
  const Timer timer = due.timer;
  if (!gates_.hold_back(signer, std::move(due))) due_.drop(timer, clock_.monotonic);
}

/// The command would change nothing. Where the timer is nevertheless still there, it comes again.
void Firing::moved_on(DueTimer due, const State& state) {
  const std::vector<Timer> timers = timers_of(due.timer.stream, state, ground_.hash, ground_.rules);
  if (std::ranges::any_of(timers, [&](const Timer& timer) { return same_key(timer, due.timer); }))
    return back_off(std::move(due));
  due_.forget(due.timer);
}

void Firing::back_off(DueTimer due) {
  ++due.failures;
  const Duration wait = retry_wait(due.timer.stream, due.failures, ground_.hash);
  due_.wait(std::move(due), clock_.monotonic + wait, clock_.monotonic);
}

}  // namespace csrflow::engine
