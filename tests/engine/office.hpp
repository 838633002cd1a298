// A CA office without sockets, disks or sleeps: a log, a writer, and the scheduler at clocks that are values.
#pragma once

#include <set>

#include "engine/rotation.hpp"
#include "engine/scheduler.hpp"
#include "tests/engine/story.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::test {

/// The timers' view over a log in memory: folded anew at each question.
struct FoldedTimers : TimerSource {
  FoldedTimers(MemoryLog& memory, const StandingRules* standing) : log(memory), rules(standing) {}
  void reach(Position) override {}
  std::vector<Timer> all() {
    std::map<std::string, std::vector<StoredEvent>> streams;
    for (StoredEvent& e : log.all()) streams[e.stream.text].push_back(std::move(e));
    std::vector<Timer> timers;
    for (const auto& [stream, events] : streams) {
      last[stream] = events.back().position;
      for (Timer& t : timers_of({stream}, fold({stream}, events), sha256, rules)) timers.push_back(t);
    }
    std::ranges::sort(timers, before);
    return timers;
  }
  std::vector<Timer> due(Timestamp now, std::size_t limit) override {
    auto timers = all();
    std::erase_if(timers, [&](const Timer& t) { return t.due > now; });
    if (timers.size() > limit) timers.resize(limit);
    return timers;
  }
  std::vector<Timer> newly_due(DueCursor& cursor, Timestamp now, std::size_t limit) override {
    ++looks;
    auto timers = due(now, SIZE_MAX);
    std::erase_if(timers, [&](const Timer& t) {
      return cursor.last && !before(*cursor.last, t) && last[t.stream.text].value <= cursor.added;
    });
    cursor.added = log.reader()->head().value;
    if (timers.size() > limit) timers.resize(limit);
    for (const Timer& t : timers)
      if (!cursor.last || before(*cursor.last, t)) cursor.last = t;
    return timers;
  }
  std::vector<DueCount> due_by_kind(Timestamp now) override {
    std::map<TimerKind, std::uint64_t> counts;
    for (const Timer& t : due(now, SIZE_MAX)) ++counts[t.kind];
    std::vector<DueCount> list;
    for (const auto& [kind, n] : counts) list.push_back({kind, n});
    return list;
  }
  std::optional<Timestamp> next_after(Timestamp now) override {
    for (const Timer& t : all())
      if (t.due > now) return t.due;
    return std::nullopt;
  }
  std::shared_ptr<const State> state(const StreamId& stream) override {
    ++states_read;
    return std::make_shared<const State>(fold(stream, log.reader()->stream(stream)));
  }
  std::vector<Timer> unfinished() override {
    auto timers = all();
    std::erase_if(
        timers, [](const Timer& t) { return t.kind != TimerKind::sign && t.kind != TimerKind::resume_sign; });
    return timers;
  }
  static bool before(const Timer& a, const Timer& b) {
    const auto key = [](const Timer& t) { return std::tie(t.due, t.cause, t.stream, t.kind, t.attempt); };
    return key(a) < key(b);
  }

  MemoryLog& log;
  const StandingRules* rules;
  std::map<std::string, Position> last;  // of each stream
  std::size_t looks = 0, states_read = 0;
};

struct Office {
  explicit Office(std::shared_ptr<const StandingRules> standing = nullptr) : rules(std::move(standing)) {
    open();
  }

  /// Before the doors open, or after a stop: a new server over the same log.
  void open() {
    commits = std::make_unique<CommitWatch>(last_recorded());
    writer = std::make_unique<Writer>(
        log, clock, random, issuer, "test", std::vector<Follower*>{commits.get()}, [](const std::string&) {},
        sha256, WriterLimits{}, DecidedBy{.rules = rules.get()});
    auto source = std::make_unique<FoldedTimers>(log, rules.get());
    view = source.get();
    scheduler = std::make_unique<Scheduler>(
        std::move(source), *writer, clock, sha256,
        Scheduler::Workers{.sign = [this](SigningTask t) { resumed.push_back(std::move(t)); },
                           .deliver = [this](DeliveryTask t) { deliveries.push_back(std::move(t)); }},
        [this](const std::string& why) { complaints.push_back(why); },
        Surroundings{.monotonic = [this] { return clock.now() - Timestamp{} - jumped; },
                     .synchronised = [this] { return synchronised; },
                     .rules = rules.get(),
                     .commits = commits.get()});
  }
  void stop() {
    scheduler.reset();
    writer.reset();
  }
  /// Time passes.
  void pass(Duration d) { clock.advance(d); }
  /// Somebody sets the clock; no time passes.
  void jump(Duration d) {
    clock.advance(d);
    jumped = jumped + d;
  }
  /// Looks as long as there is something to do.
  void tick() {
    while (scheduler->tick() > 0) {
    }
  }

  Timestamp last_recorded() const {
    const auto all = log.all();
    return all.empty() ? Timestamp{} : all.back().recorded_at;
  }
  std::expected<Outcome, Refusal> call(const std::string& name, CsrCommand command) {
    return writer->call({csr_stream(name), Command(std::move(command)), {}, false, {}});
  }
  CsrState state(const std::string& name) {
    return std::get<CsrState>(fold(csr_stream(name), log.reader()->stream(csr_stream(name))));
  }
  void approve(const std::string& name) {
    Change change{.base = state(name).resource_version, .change = {}, .certificate = {}};
    change.change.conditions =
        std::vector<Condition>{{"Approved", "True", "Test", "", clock.now(), clock.now()}};
    REQUIRE(call(name, change).has_value());
  }
  void sign(const std::string& name) {
    auto s = state(name);
    REQUIRE(s.open_issues.size() == 1);
    REQUIRE(
        call(name, CompleteIssue{s.open_issues[0].issuing.uid, s.open_issues[0].issuing.serial, "PEM", "f"})
            .has_value());
  }
  /// A certificate, in use.
  LedgerEntry certificate(const std::string& name, Create create) {
    call(name, std::move(create));
    approve(name);
    sign(name);
    return state(name).ledger[0];
  }
  std::vector<std::string> kinds(const std::string& name) {
    std::vector<std::string> found;
    for (const Timer& t : timers_of(csr_stream(name), State(state(name)), sha256, rules.get()))
      found.emplace_back(name_of(t.kind));
    return found;
  }
  std::size_t count(std::string_view type) {
    auto all = log.all();
    return static_cast<std::size_t>(std::ranges::count(all, type, &StoredEvent::type));
  }
  /// The log's events about itself of one kind, oldest first.
  template <class E>
  std::vector<E> notes() {
    std::vector<E> found;
    for (const StoredEvent& e : log.reader()->stream({"log/events"})) {
      const Event event = decode(e);
      if (const auto* note = std::get_if<E>(&std::get<LogEvent>(event))) found.push_back(*note);
    }
    return found;
  }
  bool complained_of(std::string_view what) const {
    return std::ranges::any_of(complaints, [&](const std::string& c) { return c.find(what) != c.npos; });
  }

  std::shared_ptr<const StandingRules> rules;
  MemoryLog log;
  ManualClock clock;
  Duration jumped;
  bool synchronised = true;
  SeededRandom random;
  PaperIssuer issuer;
  std::vector<SigningTask> resumed;
  std::vector<DeliveryTask> deliveries;
  std::vector<std::string> complaints;
  std::unique_ptr<CommitWatch> commits;
  std::unique_ptr<Writer> writer;
  FoldedTimers* view = nullptr;  // the scheduler's
  std::unique_ptr<Scheduler> scheduler;
};

}  // namespace csrflow::test
