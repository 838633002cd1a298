#include <latch>

#include "engine/writer.hpp"
#include "tests/engine/story.hpp"
#include "tests/support/memory_log.hpp"

using namespace csrflow::test;

namespace {

/// Knows, as the API's book of roles does, which roles have been written.
struct Roles : Follower {
  void committed(const std::shared_ptr<const Batch>& batch) override {
    for (const Record& record : *batch)
      if (record.stamp.stream.category() == "rbac") last = record.stamp.position;
  }
  Position last;
};

struct Office {
  MemoryLog log;
  ManualClock clock;
  SeededRandom random;
  PaperIssuer issuer;
  Roles roles;
  std::unique_ptr<Writer> writer = std::make_unique<Writer>(
      log, clock, random, issuer, "csrflow test", std::vector<Follower*>{&roles}, [](const std::string&) {},
      sha256);

  std::expected<Outcome, Refusal> call(Submission submission) { return writer->call(std::move(submission)); }
};

Submission creation(const std::string& name, Judgement judgement) {
  return {csr_stream(name), Command(CsrCommand(request(name))), {}, false, {}, std::move(judgement)};
}

/// A role is written; nobody needs permission for it here.
Submission role(const std::string& name) {
  ConfigObject object;
  object.meta.name = name;
  object.meta.uid = {name + "-uid"};
  object.body = std::make_shared<const std::string>(R"({"rules":[]})");
  PutConfig put{.base = {}, .kind = "ClusterRole", .hash = "00", .object = std::move(object)};
  return {stream_of("rbac/clusterroles", name), Command(ConfigCommand(std::move(put))), {}, false, {}};
}

}  // namespace

TEST_CASE("a command is not judged again while roles stay as they were") {
  Office office;
  REQUIRE(office.call(role("view")));
  int asked = 0;
  const auto again = [&] { return ++asked < 0; };
  CHECK(office.call(creation("jane", {.at = office.roles.last, .again = again})));
  CHECK(office.call(creation("bob", {.at = {99}, .again = again})));
  CHECK(asked == 0);
}

TEST_CASE("a command that was permitted under older roles is judged again") {
  Office office;
  const Position before = office.writer->head();
  REQUIRE(office.call(role("view")));
  CHECK(office.call(creation("jane", {.at = before, .again = [] { return true; }})));
  const auto refused = office.call(creation("bob", {.at = before, .again = [] { return false; }}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == Refusal::Kind::not_permitted);
  CHECK(office.log.all().size() == 2);
}

TEST_CASE("who is judged again sees every role that stands before the command in the log") {
  Office office;
  std::latch done(3);
  std::vector<Submission> together;
  Position seen;
  together.push_back(creation("before", {.at = {}, .again = [] { return false; }}));
  together.push_back(role("view"));
  together.push_back(creation("after", {.at = {}, .again = [&] {
                                          seen = office.roles.last;
                                          return false;
                                        }}));
  std::vector<std::string> answers;
  for (Submission& submission : together)
    submission.done = [&](const std::expected<Outcome, Refusal>& outcome) {
      answers.push_back(outcome ? "done" : "refused");
      done.count_down();
    };
  office.writer->submit(std::move(together));
  done.wait();
  // The first was known to be permitted when it came: no role was written before it.
  CHECK(answers == std::vector<std::string>{"done", "done", "refused"});
  CHECK(seen == Position{2});
}

TEST_CASE("after a restart permissions are those of the end of the log") {
  Office office;
  REQUIRE(office.call(role("view")));
  office.writer.reset();
  office.writer = std::make_unique<Writer>(
      office.log, office.clock, office.random, office.issuer, "csrflow test",
      std::vector<Follower*>{&office.roles}, [](const std::string&) {}, sha256);
  const auto refused = office.call(creation("jane", {.at = {}, .again = [] { return false; }}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(office.call(creation("jane", {.at = office.writer->head(), .again = [] { return false; }})));
}
