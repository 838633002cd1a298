#include <SQLiteCpp/Statement.h>

#include <random>

#include "store/migrations.hpp"
#include "store/replay.hpp"
#include "store/sqlite.hpp"
#include "store/table_comparison.hpp"
#include "store/timer_list.hpp"
#include "store/timer_rows.hpp"
#include "tests/catch.hpp"
#include "tests/store/paper_rules.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

std::unique_ptr<SQLite::Database> empty_database() {
  auto db = std::make_unique<SQLite::Database>(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  create_schema(*db, views_application_id, view_migrations);
  return db;
}

engine::Created for_signer(const std::string& name, const std::string& signer) {
  auto event = created(name);
  auto spec = *event.object.spec;
  spec.signer_name = {signer};
  event.object.spec = std::make_shared<const engine::CsrSpec>(spec);
  return event;
}

/// A log, and views that follow it step by step.
struct Stepwise {
  TemporaryDirectory temporary;
  DataDirectory directory{temporary.path()};
  SqliteEventLog log{directory, {.reserve_bytes = 0}};
  History history{log};
  Presenter presenter;
  std::unique_ptr<SQLite::Database> db = empty_database();
  std::optional<Views> views;

  Stepwise() { restart(); }
  void restart() {
    views.reset();
    views.emplace(*db, presenter, sha256, paper_forms, paper_rules(log), log.reader());
  }
  void sign(const std::string& name, const std::string& signer) {
    history.commit({on(name, for_signer(name, signer)), on(name, approved(name)), on(name, issuing(name)),
                    on(name, signed_for(name))});
  }
  /// False: the views are at the head.
  bool follow(std::size_t events) {
    engine::RecordReader records(log.reader(), views->position());
    const auto batch = records.next(events);
    views->apply(batch);
    return !batch.empty();
  }
  void settle() {
    while (follow(100)) {
    }
    while (views->timers_pending()) views->go_on(2);
  }
  Texts timers(const std::string& stream) {
    Texts texts;
    SQLite::Statement rows(*db, std::string(select_timers) + "WHERE stream = ?1" + in_due_order);
    rows.bind(1, stream);
    while (rows.executeStep()) {
      const auto timer = timer_in(rows);
      texts.push_back(std::string(name_of(timer.kind)) + ' ' + std::to_string(timer.cause.value));
    }
    return texts;
  }
  /// What a fold in one go gives.
  TableReport compared() {
    const auto folded = empty_database();
    Views anew(*folded, presenter, sha256, paper_forms, paper_rules(log), log.reader());
    engine::RecordReader records(log.reader(), {});
    for (auto batch = records.next(1'000); !batch.empty(); batch = records.next(1'000)) anew.apply(batch);
    while (anew.timers_pending()) anew.go_on();
    for (const ViewTable& table : view_tables())
      if (table.name == "timer") return compare(table, *db, *folded);
    throw std::logic_error("no timers");
  }
  /// Rows that are not the timers of their stream's state under the rules at the head.
  Texts wrong() {
    const PaperRules rules(*log.reader(), history.head());
    Texts found;
    for (const auto& name : names) {
      const auto stream = engine::csr_stream(name);
      const auto state = engine::fold(stream, log.reader()->stream(stream));
      Texts expected;
      auto timers_now = engine::timers_of(stream, state, sha256, &rules);
      std::ranges::sort(timers_now, in_order);
      for (const auto& t : timers_now)
        expected.push_back(std::string(name_of(t.kind)) + ' ' + std::to_string(t.cause.value));
      if (timers(stream.text) != expected) found.push_back(name);
    }
    return found;
  }
  std::vector<std::string> names;
};

TEST_CASE("a policy changes the timers of certificates that have no event of their own") {
  Stepwise it;
  it.sign("web-1", "example.com/web");
  it.sign("mail-1", "example.com/mail");
  it.settle();
  CHECK(it.timers("csr/web-1") == Texts{"expire 4"});

  it.history.commit({policy("web", "example.com/web", 500'000)});
  it.settle();
  CHECK(it.timers("csr/web-1") == Texts{"rotate 9", "at-risk 9", "rotate-overdue 9", "expire 4"});
  CHECK(it.timers("csr/mail-1") == Texts{"expire 8"});

  it.history.commit({policy("web", "example.com/mail", 500'000)});
  it.settle();
  CHECK(it.timers("csr/web-1") == Texts{"expire 4"});
  CHECK(it.timers("csr/mail-1") == Texts{"rotate 10", "at-risk 10", "rotate-overdue 10", "expire 8"});

  it.history.commit({policy_deleted("web")});
  it.settle();
  CHECK(it.timers("csr/mail-1") == Texts{"expire 8"});
}

TEST_CASE("a pass goes on after a restart where it was, and a further change is taken along") {
  Stepwise it;
  for (const std::string name : {"a", "b", "c", "d", "e"}) it.sign(name, "example.com/web");
  it.settle();
  it.history.commit({policy("web", "example.com/web", 500'000)});
  it.follow(100);
  it.views->go_on(3);
  CHECK(it.timers("csr/c").size() == 4);
  CHECK(it.timers("csr/d") == Texts{"expire 16"});
  it.restart();
  REQUIRE(it.views->timers_pending());
  it.history.commit({policy("web", "example.com/web", 600'000)});
  it.follow(100);
  it.views->go_on(2);
  CHECK(it.timers("csr/c").front() == "rotate 21");
  CHECK(it.timers("csr/e").front() == "rotate 22");
  it.views->go_on(3);  // the end, and the beginning again
  it.restart();
  it.settle();
  for (const std::string name : {"a", "b", "c", "d", "e"})
    CHECK(it.timers("csr/" + name).front() == "rotate 22");
  CHECK_FALSE(it.views->timers_pending());
}

TEST_CASE("rebuilt timer rows equal the live ones, however policies, certificates and restarts interleave") {
  for (unsigned seed = 1; seed <= 25; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto below = [&](unsigned n) { return random() % n; };
    const std::array signers{"example.com/web", "example.com/mail"};
    const std::array modes{"renew", "rekey", "announce", "none"};
    Stepwise it;
    std::set<std::string> there, policies, successors;
    for (int i = 0; i < 60; ++i) {
      switch (below(8)) {
        case 0:
        case 1: {
          const std::string name = std::string(1, static_cast<char>('a' + below(26))) + std::to_string(i);
          it.sign(name, signers[below(2)]);
          it.names.push_back(name);
          there.insert(name);
          break;
        }
        case 2: {
          const std::string name = "policy-" + std::to_string(below(3));
          it.history.commit({policy(name, signers[below(2)], 300'000 + static_cast<int>(below(5)) * 100'000,
                                    modes[below(4)])});
          policies.insert(name);
          break;
        }
        case 3:
          if (policies.empty()) break;
          it.history.commit({policy_deleted(*policies.begin())});
          policies.erase(policies.begin());
          break;
        case 4:
          if (there.empty()) break;
          it.history.commit({on(*there.begin(), deleted(*there.begin()))});
          there.erase(there.begin());
          break;
        case 5:
          it.restart();
          break;
        case 6:
          it.follow(1 + below(6));
          break;
        default:
          it.views->go_on(1 + below(4));
      }
    }
    it.settle();
    const auto report = it.compared();
    CHECK(report.rows > 0);
    CHECK(report.differing == 0);
    CHECK(it.wrong() == Texts{});
  }
}

TEST_CASE("a server's views follow the rules by themselves, and replay proves it") {
  Installation it;
  it.options.rules = paper_rules(it.log);
  it.start();
  it.commit({on("jane", created("jane")), on("jane", approved("jane")), on("jane", issuing("jane")),
             on("jane", signed_for("jane"))});
  it.commit({policy("web", "example.com/web", 500'000)});
  const auto report = replay(it.temporary.path(), it.presenter, sha256, paper_forms, {}, paper_rules(it.log));
  CHECK_FALSE(report.timers_pending);
  CHECK(report.equal());
  const auto list = list_timers(it.directory.files(), sha256, 10, paper_rules(it.log));
  REQUIRE(list.timers.size() == 4);
  CHECK(list.policies == Texts{"web", "web", "web", "web"});
  CHECK(list.timers.front().kind == engine::TimerKind::rotate);

  // The server has not heard of this yet.
  it.history.commit({policy_deleted("web")});
  const auto later = list_timers(it.directory.files(), sha256, 10, paper_rules(it.log));
  CHECK(later.read_whole_log_because == "the rules have changed since");
  CHECK(later.timers.size() == 1);
}

}  // namespace
}  // namespace csrflow::store
