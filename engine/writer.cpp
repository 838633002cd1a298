#include "engine/writer.hpp"

#include <algorithm>

namespace csrflow::engine {

/// What one or several commands would do to the log: decided, not yet written. A nested one sees its parent's
/// results and joins them, or is dropped.
struct Writer::Transaction {
  Transaction* parent = nullptr;
  Timestamp now;
  Duration clock_behind;
  Position next;  ///< the position of the next event
  std::unordered_map<std::string, std::shared_ptr<const State>> states;
  std::vector<Record> records;

  std::shared_ptr<const State> find(const StreamId& stream) const {
    for (const Transaction* t = this; t; t = t->parent)
      if (auto it = t->states.find(stream.text); it != t->states.end()) return it->second;
    return nullptr;
  }
  /// Requests that it creates, oldest first.
  std::vector<const Record*> creations() const {
    std::vector<const Record*> found = parent ? parent->creations() : std::vector<const Record*>{};
    for (const Record& record : records)
      if (const auto* event = record.csr_event(); event && std::holds_alternative<Created>(*event))
        found.push_back(&record);
    return found;
  }
  Transaction nested() {
    return {
        .parent = this, .now = now, .clock_behind = clock_behind, .next = next, .states = {}, .records = {}};
  }
  void join() {
    for (auto& [stream, state] : states) parent->states[stream] = std::move(state);
    std::ranges::move(records, std::back_inserter(parent->records));
    parent->next = next;
  }
};

namespace {

constexpr int most_conflicts = 8;

/// Does it say who may do what?
bool is_about_permissions(const Record& record) {
  return record.stamp.stream.category() == "rbac";
}

/// Is it something that decisions are made by?
bool is_a_rule(const Record& record) {
  return holds_config(record.stamp.stream.category());
}

bool is_decided_by_rules(const Submission& submission) {
  return submission.judgement.again || std::holds_alternative<CsrCommand>(submission.command);
}

Refusal unavailable(const std::string& message) {
  return {.kind = Refusal::Kind::unavailable, .message = message};
}

/// The log would refuse such a stream, and a whole batch with it.
Refusal name_too_long() {
  return {.kind = Refusal::Kind::name_too_long,
          .message = "may not be more than " + std::to_string(max_stream_bytes) +
                     " bytes, percent-encoded and with its kind before it"};
}

std::size_t size_of(const NewEvent& event) {
  return event.data.size() + event.context.size() + event.stream.text.size();
}

}  // namespace

Writer::Writer(EventLog& log, const Clock& clock, Random& random, const Issuer& issuer, std::string program,
               std::vector<Follower*> followers, std::function<void(const std::string&)> on_fatal,
               HashFunction hash, WriterLimits limits, DecidedBy decided_by)
    : log_(log),
      clock_(clock),
      random_(random),
      issuer_(issuer),
      program_(std::move(program)),
      followers_(std::move(followers)),
      on_fatal_(std::move(on_fatal)),
      hash_(hash),
      limits_(limits),
      decided_by_(decided_by),
      streams_(log.reader(), limits.cached_streams) {
  resume_at(streams_.reader().head());
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

Writer::~Writer() {
  stop();
}

void Writer::resume_at(Position head) {
  head_ = head.value;
  // What another writer wrote may have been about roles.
  permissions_at_ = head;
  if (head.value == 0) return;
  auto last = streams_.reader().after({head.value - 1}, 1);
  if (!last.empty()) last_recorded_ = last.front().recorded_at;
}

void Writer::stop() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

Position Writer::head() const {
  return {head_.load(std::memory_order_acquire)};
}

std::size_t Writer::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_.size();
}

void Writer::submit(Submission submission) {
  std::vector<Submission> one;
  one.push_back(std::move(submission));
  submit(std::move(one));
}

void Writer::submit(std::vector<Submission> several) {
  std::vector<Submission> refused;
  bool closed = false;
  {
    std::lock_guard lock(mutex_);
    closed = closed_;
    if (closed_ || waiting_.size() + several.size() > limits_.waiting)
      refused = std::move(several);
    else
      std::ranges::move(several, std::back_inserter(waiting_));
  }
  wake_.notify_one();
  for (Submission& submission : refused)
    submission.done(std::unexpected(
        unavailable(closed ? "the server is stopping" : "too many commands wait to be written")));
}

std::expected<Outcome, Refusal> Writer::call(Submission submission) {
  std::mutex mutex;
  std::condition_variable ready;
  std::optional<std::expected<Outcome, Refusal>> answer;
  submission.done = [&](std::expected<Outcome, Refusal> outcome) {
    std::lock_guard lock(mutex);
    answer = std::move(outcome);
    ready.notify_one();
  };
  submit(std::move(submission));
  std::unique_lock lock(mutex);
  ready.wait(lock, [&] { return answer.has_value(); });
  return std::move(*answer);
}

void Writer::run(std::stop_token stop) {
  bool idle_done = true;
  for (;;) {
    std::vector<Submission> batch;
    {
      std::unique_lock lock(mutex_);
      if (waiting_.empty() && !idle_done) {
        lock.unlock();
        log_.idle();
        idle_done = true;
        lock.lock();
      }
      wake_.wait(lock, stop, [&] { return !waiting_.empty(); });
      if (waiting_.empty()) return;
      std::size_t n = std::min(waiting_.size(), limits_.commands_per_commit);
      std::move(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(n),
                std::back_inserter(batch));
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    idle_done = false;
    commit(std::move(batch));
  }
}

// ---- deciding -----------------------------------------------------------------------------------

std::shared_ptr<const State> Writer::state(const Transaction& tx, const StreamId& stream) {
  if (auto held = tx.find(stream)) return held;
  return streams_.get(stream);
}

Facts Writer::facts_for(Transaction& tx, const Identity& actor) {
  Facts facts{.now = tx.now,
              .clock_behind = tx.clock_behind,
              .actor = actor,
              .issuer = issuer_,
              .name_taken = [&](std::string_view name) {
                return version_of(*state(tx, csr_stream(name))).value > 0;
              }};
  facts.rules = decided_by_.rules;
  facts.hash = hash_;
  facts.is_lump = [&](const SignerName& signer) { return lumps_.is_lump(signer, tx.now); };
  facts.approver = decided_by_.approver;
  facts.request = [&](std::string_view name) -> std::shared_ptr<const CsrState> {
    auto found = state(tx, csr_stream(name));
    const auto* csr = std::get_if<CsrState>(found.get());
    if (!csr || csr->version.value == 0) return nullptr;
    return {std::move(found), csr};
  };
  facts.uncommitted = [&] { return tx.creations(); };
  random_.fill(facts.random);
  return facts;
}

std::expected<void, Refusal> Writer::decide_into(Transaction& tx, const StreamId& stream,
                                                 const Command& command, const Context& context) {
  if (stream.text.size() > max_stream_bytes) return std::unexpected(name_too_long());
  const Facts facts = facts_for(tx, context.actor);
  auto decision = decide(stream, *state(tx, stream), command, facts);
  if (!decision) return std::unexpected(std::move(decision.error()));
  const std::size_t first = tx.records.size();
  record(tx, stream, std::move(decision->events), context);
  if (auto told = tell(tx, first, context); !told) return told;
  for (const FollowUp& follow : decision->follow_ups)
    if (auto done = follow_up(tx, stream, follow, context); !done) return done;
  return {};
}

void Writer::record(Transaction& tx, const StreamId& stream, std::vector<Event> events,
                    const Context& context) {
  if (events.empty()) return;
  auto before = state(tx, stream);
  Context own = context;
  own.program = program_;
  if (own.correlation.empty())
    if (const auto* csr = std::get_if<CsrState>(before.get()); csr && csr->object)
      own.correlation = csr->correlation;
  auto shared = std::make_shared<const Context>(std::move(own));
  for (Event& event : events) {
    Stamp stamp{tx.next, stream, {version_of(*before).value + 1}, tx.now, shared->correlation};
    Record made = make_record(std::move(stamp), shared, std::move(event), before);
    before = made.after;
    ++tx.next.value;
    tx.records.push_back(std::move(made));
    // What follows a chain's first event belongs to that chain.
    if (const auto* csr = std::get_if<CsrState>(before.get()); shared->correlation.empty() && csr) {
      Context next = *shared;
      next.correlation = csr->correlation;
      shared = std::make_shared<const Context>(std::move(next));
    }
  }
  tx.states[stream.text] = before;
}

/// Queues the news of what was just recorded, in the same transaction.
std::expected<void, Refusal> Writer::tell(Transaction& tx, std::size_t first, const Context& context) {
  if (!decided_by_.subscriptions) return {};
  for (std::size_t i = first, last = tx.records.size(); i < last; ++i) {
    const Record& news = tx.records[i];
    if (news.stamp.stream.category() == "delivery") continue;
    const std::vector<QueueDelivery> wanted = decided_by_.subscriptions->wanted(news);
    Context next = context;
    next.actor = system_actor("scheduler");
    next.source = {};
    next.cause = event_reference(news.stamp.stream, news.stamp.version);
    next.correlation = news.context->correlation;
    const Position at = news.stamp.position;
    for (const QueueDelivery& one : wanted)
      if (auto done = decide_into(tx, delivery_stream(one.sink, at), DeliveryCommand(one), next); !done)
        return done;
  }
  return {};
}

void Writer::note(const Record& record) {
  const auto* event = record.csr_event();
  if (event && std::holds_alternative<Issuing>(*event) && record.csr_before()->object)
    lumps_.note(record.csr_before()->object->spec->signer_name, record.stamp.recorded_at);
}

std::expected<void, Refusal> Writer::follow_up(Transaction& tx, const StreamId& stream,
                                               const FollowUp& follow, const Context& context) {
  Context next = context;
  next.actor = follow.actor;
  next.source = {};
  auto after = state(tx, stream);
  next.cause = event_reference(stream, version_of(*after));
  if (const auto* csr = std::get_if<CsrState>(after.get())) next.correlation = csr->correlation;
  if (follow.essential) return decide_into(tx, follow.stream, Command(follow.command), next);
  Transaction attempt = tx.nested();
  if (decide_into(attempt, follow.stream, Command(follow.command), next)) attempt.join();
  return {};
}

// ---- committing ---------------------------------------------------------------------------------

std::vector<NewEvent> Writer::rows(const std::vector<Record>& records) {
  std::vector<NewEvent> rows;
  rows.reserve(records.size());
  const Context* encoded_from = nullptr;
  Bytes context;
  for (const Record& record : records) {
    if (record.context.get() != encoded_from) {
      encoded_from = record.context.get();
      context = encode_context(*encoded_from);
    }
    NewEvent row{record.stamp.stream,
                 record.stamp.version,
                 std::string(type_of(*record.event)),
                 1,
                 record.stamp.recorded_at,
                 context,
                 encode(*record.event),
                 {}};
    random_.fill(row.salt);
    rows.push_back(std::move(row));
  }
  return rows;
}

Writer::Plan Writer::plan(std::span<Submission> submissions) {
  Plan plan;
  plan.whole = std::make_unique<Transaction>();
  const Timestamp wall = clock_.now();
  plan.whole->now = std::max(wall, last_recorded_);
  plan.whole->clock_behind = plan.whole->now - wall;
  plan.whole->next = {head_.load(std::memory_order_relaxed) + 1};
  std::size_t bytes = 0;
  for (Submission& submission : submissions) {
    if (bytes >= limits_.bytes_per_commit) break;
    // What is decided by roles, policies and signers must see those that are written before it, and they are
    // told to the followers only after a commit: it goes into the next one.
    if (is_decided_by_rules(submission) && std::ranges::any_of(plan.whole->records, is_a_rule)) break;
    if (submission.judgement.again && !still_permitted(submission)) {
      plan.outcomes.push_back(
          std::unexpected(Refusal{.kind = Refusal::Kind::not_permitted, .message = "no longer permitted"}));
      continue;
    }
    Transaction own = plan.whole->nested();
    auto done = decide_into(own, submission.stream, submission.command, submission.context);
    if (done && submission.with)
      done = decide_into(own, submission.with->stream, submission.with->command, submission.context);
    if (!done) {
      plan.outcomes.push_back(std::unexpected(std::move(done.error())));
      continue;
    }
    plan.outcomes.push_back(Outcome{own.records, state(own, submission.stream)});
    if (submission.dry_run) continue;
    for (NewEvent& row : rows(own.records)) {
      bytes += size_of(row);
      plan.events.push_back(std::move(row));
    }
    own.join();
  }
  return plan;
}

bool Writer::still_permitted(const Submission& submission) const {
  return submission.judgement.at >= permissions_at_ || submission.judgement.again();
}

std::size_t Writer::commit_some(std::span<Submission> submissions) {
  for (int attempt = 0; attempt < most_conflicts; ++attempt) {
    Plan made = plan(submissions);
    Position head{head_.load(std::memory_order_relaxed)};
    if (!made.events.empty() && !log_.append(head, made.events)) {
      streams_.clear();
      resume_at(streams_.reader().head());
      continue;
    }
    publish(*made.whole);
    for (std::size_t i = 0; i < made.outcomes.size(); ++i) submissions[i].done(std::move(made.outcomes[i]));
    return made.outcomes.size();
  }
  throw LogFailure("another writer is always ahead on this log", true);
}

/// Now it is durable: remember the states, and tell the followers before anybody is answered.
void Writer::publish(Transaction& whole) {
  if (whole.records.empty()) return;
  for (auto& [stream, state] : whole.states) streams_.put({stream}, std::move(state));
  last_recorded_ = whole.now;
  for (const Record& record : whole.records) {
    if (is_about_permissions(record)) permissions_at_ = record.stamp.position;
    note(record);
  }
  head_.store(whole.next.value - 1, std::memory_order_release);
  auto batch = std::make_shared<const Batch>(std::move(whole.records));
  for (Follower* follower : followers_) follower->committed(batch);
}

void Writer::commit(std::vector<Submission> batch) {
  std::size_t done = 0;
  auto refuse_rest = [&](Refusal::Kind kind, const std::string& message) {
    for (; done < batch.size(); ++done)
      batch[done].done(std::unexpected(Refusal{.kind = kind, .message = message}));
  };
  try {
    while (done < batch.size()) done += commit_some(std::span(batch).subspan(done));
  } catch (const LogFailure& failure) {
    if (!failure.retry) fail(failure.what());
    refuse_rest(failure.retry ? Refusal::Kind::disk_full : Refusal::Kind::unavailable, failure.what());
  } catch (const std::exception& broken) {
    fail(broken.what());
    refuse_rest(Refusal::Kind::unavailable, broken.what());
  }
}

/// Nothing more is written: what is durable is only known after a restart.
void Writer::fail(const std::string& why) {
  std::deque<Submission> refused;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    refused.swap(waiting_);
  }
  for (Submission& submission : refused) submission.done(std::unexpected(unavailable(why)));
  on_fatal_(why);
}

}  // namespace csrflow::engine
