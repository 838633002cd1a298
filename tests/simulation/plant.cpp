#include "tests/simulation/plant.hpp"

namespace csrflow::test {

namespace {

/// The clock moves at least so far between two looks at timers that are not held back.
constexpr Duration step = seconds(30);
/// And so far while some are held back: by caps, by a signer that is away.
constexpr Duration waiting_step = seconds(1);
constexpr Duration agents_answer_within = seconds(2 * 3600);
constexpr Duration agents_try_again_after = seconds(600);
constexpr std::size_t at_once = 200;

Identity host(const std::string& name) {
  return {.user = "host:" + name, .groups = {"hosts"}, .by = Authentication::x509};
}

}  // namespace

// ---- rules --------------------------------------------------------------------------------------

FleetRules::FleetRules(const std::vector<Fleet>& fleets, const RotationLimits& limits) {
  for (const Fleet& fleet : fleets) {
    RotationRules rules;
    rules.mode = fleet.mode;
    rules.approval = RotationApproval::inherit;
    rules.limits = limits;
    orders_[{"kubernetes.io/" + fleet.name}] = {.policy = fleet.name,
                                                .hash = "aa",
                                                .rules = std::make_shared<const RotationRules>(rules),
                                                .since = {},
                                                .since_time = {}};
  }
}

std::optional<RotationOrder> FleetRules::matching(const CsrState& state) const {
  const auto it = orders_.find(state.object->spec->signer_name);
  if (it == orders_.end()) return std::nullopt;
  return it->second;
}

// ---- the plant ----------------------------------------------------------------------------------

Plant::Plant(std::vector<Fleet> fleets, RotationLimits limits, std::uint64_t seed)
    : fleets_(std::move(fleets)), chance_(seed), rules_(fleets_, limits), random_(seed), check_(limits) {
  start();
}

Plant::~Plant() {
  kill();
}

void Plant::start() {
  auto timers_before = index_ ? index_->all() : std::vector<Timer>{};
  index_ = std::make_unique<TimerIndex>(rules_, log_);
  if (!timers_before.empty()) REQUIRE(index_->all() == timers_before);
  {
    std::lock_guard lock(mutex_);
    to_sign_.clear();
  }
  commits_ = std::make_unique<CommitWatch>();
  writer_ = std::make_unique<Writer>(
      log_, clock_, random_, issuer_, "csrflow simulation",
      std::vector<Follower*>{index_.get(), commits_.get(), this}, [](const std::string& why) { FAIL(why); },
      sha256, WriterLimits{}, DecidedBy{.rules = &rules_});
  struct Source final : TimerSource {
    explicit Source(TimerIndex& i) : index(i) {}
    void reach(Position) override {}
    std::vector<Timer> due(Timestamp now, std::size_t limit) override { return index.due(now, limit); }
    std::vector<Timer> newly_due(DueCursor& cursor, Timestamp now, std::size_t limit) override {
      return index.newly_due(cursor, now, limit);
    }
    std::vector<DueCount> due_by_kind(Timestamp now) override { return index.due_by_kind(now); }
    std::optional<Timestamp> next_after(Timestamp now) override { return index.next_after(now); }
    std::shared_ptr<const State> state(const StreamId& stream) override { return index.state(stream); }
    std::vector<Timer> unfinished() override {
      return index.of_kinds({TimerKind::sign, TimerKind::resume_sign});
    }
    TimerIndex& index;
  };
  scheduler_ = std::make_unique<Scheduler>(
      std::make_unique<Source>(*index_), *writer_, clock_, sha256,
      Scheduler::Workers{.sign =
                             [this](SigningTask task) {
                               std::lock_guard lock(mutex_);
                               to_sign_.push_back(std::move(task));
                             },
                         .deliver = [](DeliveryTask) {}},
      [](const std::string&) {},
      Scheduler::Around{
          .monotonic = [this] { return monotonic_; }, .rules = &rules_, .commits = commits_.get()});
  check_.able(now(), !signer_broken_);
  scheduler_->recover();
}

void Plant::kill() {
  scheduler_.reset();
  if (writer_) writer_->stop();
  writer_.reset();
  check_.able(now(), false);
}

void Plant::break_signer(bool broken) {
  signer_broken_ = broken;
  issuer_.out_of_order = broken;
  check_.able(now(), up() && !broken);
}

void Plant::jump(Duration by) {
  if (by > Duration{}) {
    check_.able(now(), false);
    clock_.advance(by);
    check_.able(now(), up() && !signer_broken_);
  } else {
    clock_.advance(by);
  }
}

std::expected<Outcome, Refusal> Plant::call(const std::string& name, CsrCommand command, Identity actor) {
  Context context;
  context.actor = std::move(actor);
  return writer_->call({csr_stream(name), Command(std::move(command)), std::move(context), false, {}});
}

void Plant::fill() {
  filling_ = true;
  for (const Fleet& fleet : fleets_)
    for (std::size_t i = 0; i < fleet.count; ++i) {
      const std::string name = fleet.name + "-" + std::to_string(i);
      Create create = request(name);
      CsrSpec spec = *create.object.spec;
      spec.signer_name = {"kubernetes.io/" + fleet.name};
      spec.expiration_seconds = static_cast<std::int32_t>(fleet.lifetime.microseconds / 1'000'000);
      spec.username = "host:" + name;
      spec.groups = {"hosts"};
      create.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
      create.lifetime = fleet.lifetime;
      REQUIRE(call(name, create, host(name)));
      const auto state = index_->state(csr_stream(name));
      Change approval{.base = std::get<CsrState>(*state).resource_version, .change = {}, .certificate = {}};
      approval.change.conditions =
          std::vector<Condition>{{std::string(condition::approved), "True", "Filled", "", now(), now()}};
      REQUIRE(call(name, approval, {.user = "admin", .groups = {"admins"}, .by = Authentication::x509}));
      if (i % at_once == 0) sign_what_is_open();
    }
  while (sign_what_is_open()) {
  }
  filling_ = false;
}

// ---- records ------------------------------------------------------------------------------------

void Plant::committed(const std::shared_ptr<const Batch>& batch) {
  std::lock_guard lock(mutex_);
  for (const Record& record : *batch) note_record(record);
}

void Plant::note_record(const Record& record) {
  check_.note(record);
  const CsrEvent* event = record.csr_event();
  if (!event) return;
  const StreamId& stream = record.stamp.stream;
  if (const auto* issuing = std::get_if<Issuing>(event)) {
    to_sign_.push_back({stream, issuing->uid, issuing->serial, issuing->issuer, issuing->tbs});
  } else if (const auto* due = std::get_if<RotationDue>(event); due && due->mode == "rekey") {
    due_for_agents_.push_back(stream.name());
  } else if (std::holds_alternative<Expired>(*event) || std::holds_alternative<Rotated>(*event)) {
    const CsrState& after = *record.csr_after();
    const bool ended = std::ranges::all_of(
        after.ledger, [](const LedgerEntry& held) { return held.expired && !held.successor.empty(); });
    if (ended) ended_.push_back(stream);
  }
}

void Plant::forget_what_has_ended() {
  std::vector<StreamId> ended;
  {
    std::lock_guard lock(mutex_);
    ended.swap(ended_);
  }
  for (const StreamId& stream : ended) {
    index_->forget(stream);
    log_.forget(stream);
  }
}

// ---- what happens -------------------------------------------------------------------------------

bool Plant::sign_what_is_open() {
  std::deque<SigningTask> tasks;
  {
    std::lock_guard lock(mutex_);
    // What the signer cannot do now comes again by its timer.
    if (signer_broken_) to_sign_.clear();
    tasks.swap(to_sign_);
  }
  if (tasks.empty()) return false;
  std::vector<Submission> results;
  for (SigningTask& task : tasks)
    results.push_back({task.stream,
                       CsrCommand(CompleteIssue{*task.uid, task.serial, "PEM", "f" + task.serial.hex()}),
                       {},
                       false,
                       [](std::expected<Outcome, Refusal>) {}});
  const StreamId last = results.back().stream;
  Submission end = std::move(results.back());
  results.pop_back();
  writer_->submit(std::move(results));
  // The last one's answer is the answer of all before.
  CHECK(writer_->call(std::move(end)));
  return true;
}

void Plant::agents_act() {
  std::vector<std::string> due;
  {
    std::lock_guard lock(mutex_);
    due.swap(due_for_agents_);
  }
  for (std::string& name : due) {
    const Duration wait{
        static_cast<std::int64_t>(chance_() % static_cast<std::uint64_t>(agents_answer_within.microseconds))};
    const std::string successor = name.substr(0, name.find('~')) + "~" + std::to_string(++made_by_agents_);
    check_.host_acts(csr_stream(name).text, now() + wait);
    agents_do_.emplace(now() + wait, AgentWork{std::move(name), successor});
  }
  while (!agents_do_.empty() && agents_do_.begin()->first <= now()) {
    AgentWork work = std::move(agents_do_.begin()->second);
    agents_do_.erase(agents_do_.begin());
    act(work);
  }
}

void Plant::act(const AgentWork& work) {
  const auto again = [&] { agents_do_.emplace(now() + agents_try_again_after, work); };
  if (!up()) return again();
  const auto state = index_->state(csr_stream(work.predecessor));
  const CsrState& before = std::get<CsrState>(*state);
  if (!before.object) return;
  Create create = request(work.successor);
  create.object.spec = before.object->spec;
  create.object.meta.annotations[std::string(annotation::predecessor)] = work.predecessor;
  create.lifetime = before.lifetime;
  const auto done = call(work.successor, create, host(before.object->spec->username));
  if (!done && done.error().kind != Refusal::Kind::already_replaced) again();
}

void Plant::look() {
  agents_act();
  if (!up()) return;
  while (scheduler_->tick() > 0 || sign_what_is_open()) {
  }
  forget_what_has_ended();
}

Timestamp Plant::next_event() const {
  Timestamp next = now() + seconds(86'400);
  if (!agents_do_.empty()) next = std::min(next, agents_do_.begin()->first);
  if (!up()) return next;
  const bool waits = !index_->due(now(), 1).empty();
  if (waits) return std::min(next, now() + std::max(scheduler_->until_next_look(), waiting_step));
  if (const auto due = index_->next_after(now())) next = std::min(next, std::max(*due, now() + step));
  return next;
}

void Plant::run_until(Timestamp end) {
  while (now() < end) {
    const Timestamp next = std::min(end, std::max(next_event(), now() + Duration{1}));
    monotonic_ = monotonic_ + (next - now());
    clock_.set(next);
    look();
  }
}

}  // namespace csrflow::test
