#include "engine/writer.hpp"

#include <latch>

#include "tests/engine/story.hpp"
#include "tests/support/memory_log.hpp"

using namespace csrflow::test;

namespace {

struct Heard : Follower {
  void committed(const std::shared_ptr<const Batch>& batch) override {
    std::lock_guard lock(mutex);
    batches.push_back(batch);
  }
  std::mutex mutex;
  std::vector<std::shared_ptr<const Batch>> batches;  // guarded by mutex
};

struct Office {
  MemoryLog log;
  ManualClock clock;
  SeededRandom random;
  PaperIssuer issuer;
  Heard heard;
  std::string fatal;
  std::unique_ptr<Writer> writer;

  explicit Office(WriterLimits limits = {}) {
    writer = std::make_unique<Writer>(
        log, clock, random, issuer, "csrflow test", std::vector<Follower*>{&heard},
        [this](const std::string& why) { fatal = why; }, sha256, limits);
  }
  std::expected<Outcome, Refusal> call(const std::string& name, CsrCommand command, bool dry_run = false) {
    return writer->call(
        {csr_stream(name), Command(std::move(command)), {.actor = system_actor("test")}, dry_run, {}});
  }
  const CsrState& state(const Outcome& outcome) { return std::get<CsrState>(*outcome.state); }
  Change approval(const Outcome& of) {
    Change change{.base = state(of).resource_version, .change = {}, .certificate = {}};
    change.change.conditions =
        std::vector<Condition>{{"Approved", "True", "Test", "", clock.now(), clock.now()}};
    return change;
  }
};

std::vector<std::string> types(const MemoryLog& log) {
  std::vector<std::string> found;
  for (const StoredEvent& e : log.all()) found.push_back(e.stream.text + " " + e.type);
  return found;
}

}  // namespace

TEST_CASE("an answer holds the object as its own event left it") {
  Office office;
  auto created = office.call("jane", request("jane"));
  REQUIRE(created.has_value());
  CHECK(created->records.front().stamp.position == Position{1});
  CHECK(created->records.front().tail->find(R"("resourceVersion":"1")") != std::string::npos);

  auto approved = office.call("jane", office.approval(*created));
  REQUIRE(approved.has_value());
  REQUIRE(approved->records.size() == 2);  // approved, issuing
  CHECK(approved->records[0].tail->find(R"("resourceVersion":"2")") != std::string::npos);
  CHECK(approved->records[1].tail == nullptr);
  CHECK(types(office.log) ==
        std::vector<std::string>{"csr/jane created", "csr/jane approved", "csr/jane issuing"});
}

TEST_CASE("cause and correlation tell how one event led to another") {
  Office office;
  auto created = office.call("jane", request("jane"));
  office.call("jane", office.approval(*created));
  auto events = office.log.all();
  CHECK(decode_context(events[0].context).correlation.empty());
  CHECK(decode_context(events[1].context).correlation == "csr/jane@1");
  CHECK(decode_context(events[2].context).cause == "csr/jane@2");
  CHECK(decode_context(events[2].context).actor.user == "csrflow:signer");
  CHECK(decode_context(events[2].context).program == "csrflow test");
}

TEST_CASE("a dry run answers and writes nothing") {
  Office office;
  REQUIRE(office.call("jane", request("jane"), true).has_value());
  CHECK(office.log.all().empty());
  CHECK(office.call("jane", request("jane")).has_value());
  auto taken = office.call("jane", request("jane"), true);
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().kind == Refusal::Kind::already_exists);
}

TEST_CASE("a name that no stream can hold is refused, and the writer goes on") {
  Office office;
  const std::string longest(max_stream_bytes - csr_stream("").text.size(), 'a');
  CHECK(office.call(longest, request(longest)).has_value());
  for (const std::string& name : {longest + 'a', std::string(max_stream_bytes / 3, ' ')}) {
    auto refused = office.call(name, request(name));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == Refusal::Kind::name_too_long);
  }
  CHECK(office.call("jane", request("jane")).has_value());
  CHECK(office.fatal.empty());
}

TEST_CASE("what waits is committed together, and everybody hears of it once and in order") {
  Office office;
  constexpr int many = 500;
  std::latch done(many);
  std::vector<Submission> submissions;
  for (int i = 0; i < many; ++i)
    submissions.push_back({csr_stream("r" + std::to_string(i)),
                           Command(CsrCommand(request("r" + std::to_string(i)))),
                           {},
                           false,
                           [&](auto) { done.count_down(); }});
  office.writer->submit(std::move(submissions));
  done.wait();
  std::lock_guard lock(office.heard.mutex);
  CHECK(office.heard.batches.size() < many / 10);
  std::uint64_t expected = 0;
  for (const auto& batch : office.heard.batches)
    for (const Record& record : *batch) CHECK(record.stamp.position.value == ++expected);
  CHECK(expected == many);
}

TEST_CASE("a refused command in a batch harms no other") {
  Office office;
  std::latch done(3);
  std::vector<bool> accepted(3);
  std::vector<Submission> submissions;
  for (int i = 0; i < 3; ++i)
    submissions.push_back({csr_stream(i < 2 ? "same" : "other"),
                           Command(CsrCommand(request(i < 2 ? "same" : "other"))),
                           {},
                           false,
                           [&, i](auto outcome) {
                             accepted[static_cast<std::size_t>(i)] = outcome.has_value();
                             done.count_down();
                           }});
  office.writer->submit(std::move(submissions));
  done.wait();
  CHECK(accepted == std::vector<bool>{true, false, true});
  CHECK(office.log.all().size() == 2);
}

TEST_CASE("a full disk refuses, loses nothing, and the next try goes through") {
  Office office;
  REQUIRE(office.call("jane", request("jane")).has_value());
  office.log.fail_next_append = true;
  auto refused = office.call("joe", request("joe"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == Refusal::Kind::disk_full);
  CHECK(office.call("joe", request("joe")).has_value());
  CHECK(office.log.all().size() == 2);
}

TEST_CASE("a stopped writer refuses what comes after") {
  Office office;
  office.writer->stop();
  auto refused = office.call("jane", request("jane"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == Refusal::Kind::unavailable);
}

TEST_CASE("states that are not cached are folded from the log") {
  Office office(
      {.commands_per_commit = 256, .bytes_per_commit = 256 * 1024, .waiting = 4096, .cached_streams = 1});
  auto jane = office.call("jane", request("jane"));
  REQUIRE(office.call("joe", request("joe")).has_value());
  CHECK(office.call("jane", office.approval(*jane)).has_value());
}

TEST_CASE("time never runs backwards in the log") {
  Office office;
  office.call("jane", request("jane"));
  office.clock.advance(seconds(-3600));
  office.call("joe", request("joe"));
  auto events = office.log.all();
  CHECK(events[1].recorded_at >= events[0].recorded_at);
}

TEST_CASE("a log that another writer moved on is decided again") {
  Office office;
  office.call("jane", request("jane"));
  // Somebody else appends behind this writer's back.
  auto events = office.log.all();
  NewEvent foreign{csr_stream("joe"), {1}, "created", 1, office.clock.now(), events[0].context,
                   events[0].data,    {}};
  REQUIRE(office.log.append({1}, std::span(&foreign, 1)).has_value());
  auto taken = office.call("joe", request("joe"));
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().kind == Refusal::Kind::already_exists);
  CHECK(office.call("ann", request("ann")).has_value());
  CHECK(office.log.all().size() == 3);
}

TEST_CASE("reading the log back gives the records that were told") {
  Office office;
  auto created = office.call("jane", request("jane"));
  office.call("jane", office.approval(*created));
  RecordReader reader(office.log.reader(), {});
  Batch again = reader.next(100);
  REQUIRE(again.size() == 3);
  std::lock_guard lock(office.heard.mutex);
  std::size_t i = 0;
  for (const auto& batch : office.heard.batches)
    for (const Record& told : *batch) {
      CHECK(told.stamp.position == again[i].stamp.position);
      CHECK((told.tail ? *told.tail : "") == (again[i].tail ? *again[i].tail : ""));
      ++i;
    }
}

TEST_CASE("a command and its companion are written together, or neither is") {
  Office office;
  const StreamId token = stream_of("token", "k3x9q2");
  office.writer
      ->call({token,
              Command(TokenCommand(CreateToken{.id = "k3x9q2", .user = "jane", .single_use = true})),
              {.actor = system_actor("test")},
              false,
              {}})
      .value();
  const auto create = [&](const std::string& name, bool dry_run = false) {
    return office.writer->call(
        {.stream = csr_stream(name),
         .command = Command(CsrCommand(request(name))),
         .context = {.actor = system_actor("test")},
         .dry_run = dry_run,
         .done = {},
         .with = Companion{token, Command(TokenCommand(UseToken{"k3x9q2", name, {"u-1"}, {"s"}}))}});
  };
  CHECK(create("jane-1", true).has_value());
  const auto made = create("jane-2");
  REQUIRE(made.has_value());
  CHECK(made->records.front().stamp.stream == csr_stream("jane-2"));
  const auto refused = create("jane-3");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == Refusal::Kind::not_permitted);
  CHECK(types(office.log) ==
        std::vector<std::string>{"token/k3x9q2 created", "csr/jane-2 created", "token/k3x9q2 used"});
}
