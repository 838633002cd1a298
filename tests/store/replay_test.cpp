#include "store/replay.hpp"

#include "store/error.hpp"
#include "store/migrations.hpp"
#include "store/sqlite.hpp"
#include "store/table_comparison.hpp"
#include "tests/catch.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using Catch::Matchers::Contains;

struct Replayed : Installation {
  Replayed() {
    start();
    jane_and_joe();
  }
  ReplayReport replay() { return store::replay(temporary.path(), presenter, sha256, paper_forms); }
  TableReport table(const std::string& name) {
    for (auto& table : replay().tables)
      if (table.table == name) return table;
    throw std::logic_error("no such table");
  }
};

TEST_CASE("the views of a running server equal the fold of its log") {
  Replayed it;
  const auto report = it.replay();
  CHECK(report.equal());
  CHECK(report.position == it.history.head());
  CHECK(report.head == it.history.head());
  CHECK(report.events == it.history.head().value);
  REQUIRE(report.tables.size() == 12);
  CHECK(report.tables[0].rows == 4);  // jane, jane-2, joe, and eve's tombstone
  CHECK(report.tables[1].rows == 1);
  CHECK(report.tables[3].rows == 1);
  CHECK(report.tables[4].rows == 7);  // four requests, two approvals, and eve's end
}

TEST_CASE("replay works with no server running and changes no file") {
  Replayed it;
  it.stop();
  it.log.close();
  const auto before = std::filesystem::last_write_time(it.directory.files().views());
  CHECK(it.replay().equal());
  CHECK(std::filesystem::last_write_time(it.directory.files().views()) == before);
}

TEST_CASE("replay names what differs") {
  Replayed it;
  SECTION("a changed value") {
    it.tamper("UPDATE object SET labels = '{\"team\":\"blue\"}' WHERE name = 'joe'");
    const auto table = it.table("object");
    CHECK(table.differing == 1);
    CHECK(table.rows == 4);
    CHECK(table.first.at(0).key == "certificatesigningrequests, joe");
    CHECK_THAT(table.first.at(0).what, Contains("labels") && Contains("blue") && Contains("red"));
  }
  SECTION("a missing row") {
    it.tamper("DELETE FROM timer WHERE kind = 'sign'");
    CHECK_THAT(it.table("timer").first.at(0).what, Contains("missing in views.db"));
  }
  SECTION("a row too many") {
    it.tamper(
        "INSERT INTO certificate SELECT 99, stream, uid, serial, fingerprint, not_before, not_after, "
        "foreign_ca "
        "FROM certificate");
    const auto table = it.table("certificate");
    CHECK(table.first.at(0).key == "99");
    CHECK_THAT(table.first.at(0).what, Contains("in views.db only"));
    CHECK(table.rows == 1);
  }
  CHECK_FALSE(it.replay().equal());
}

TEST_CASE("replay refuses a directory without a log or views") {
  const TemporaryDirectory temporary;
  const Presenter presenter;
  CHECK_THROWS_WITH(store::replay(temporary.path(), presenter, sha256, paper_forms), Contains("no log"));
  CHECK_THROWS_WITH(store::replay(temporary.path() / "none", presenter, sha256, paper_forms),
                    Contains("no data directory"));
}

TEST_CASE("the views do not depend on how the log was cut into batches") {
  Replayed it;
  it.commit({on("joe", issuing("joe"))});
  it.commit({on("joe", signed_for("joe"))});
  it.commit({news_for_ops(3), news_for_ops(4)});
  const auto folded = [&](std::size_t events_at_once) {
    auto db = std::make_unique<SQLite::Database>(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    create_schema(*db, views_application_id, view_migrations);
    Views views(*db, it.presenter, sha256, paper_forms);
    engine::RecordReader records(it.log.reader(), {});
    for (auto batch = records.next(events_at_once); !batch.empty(); batch = records.next(events_at_once))
      views.apply(batch);
    return db;
  };
  const auto one_by_one = folded(1);
  const std::size_t at_once = GENERATE(2, 3, 5, 100);
  const auto other = folded(at_once);
  for (const auto& table : view_tables()) {
    const auto report = compare(table, *other, *one_by_one);
    CHECK(report.differing == 0);
    CHECK((report.rows > 0 || table.name.starts_with("job")));  // there are no jobs in this log
  }
}

}  // namespace
}  // namespace csrflow::store
