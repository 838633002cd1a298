#include "store/projector.hpp"

#include <fstream>

#include "store/error.hpp"
#include "tests/catch.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using engine::Position;
using Names = std::vector<std::string>;
const std::string requests = "certificatesigningrequests";

TEST_CASE("what was committed can be read as soon as its position is reached") {
  Installation it;
  it.start();
  it.commit({on("jane", created("jane", {{"team", "red"}}))});
  const auto jane = it.views->get(requests, "jane");
  REQUIRE(jane);
  CHECK(jane->uid == uid_of("jane"));
  CHECK(jane->resource_version == Position{1});
  CHECK(jane->creation == day_one);
  CHECK(jane->labels == engine::StringMap{{"team", "red"}});
  CHECK(jane->fields == engine::StringMap{{"spec.signerName", "example.com/web"}});
  CHECK(jane->cells == R"(["jane"])");
  CHECK_THAT(jane->tail, Contains(R"("name":"jane")"));
  CHECK_FALSE(it.views->get(requests, "joe"));
  CHECK_FALSE(it.views->get("roles", "jane"));
}

TEST_CASE("several events of one object in one commit leave its newest form") {
  Installation it;
  it.start();
  it.commit({on("jane", created("jane")), on("jane", labelled("jane", "red")),
             on("jane", labelled("jane", "blue"))});
  const auto jane = it.views->get(requests, "jane");
  REQUIRE(jane);
  CHECK(jane->labels.at("team") == "blue");
  CHECK(jane->resource_version == Position{3});
}

TEST_CASE("a deleted object is not listed, and its tombstone says when it went") {
  Installation it;
  it.start();
  it.commit({on("jane", created("jane"))});
  it.commit({on("jane", deleted("jane"))});
  CHECK_FALSE(it.views->get(requests, "jane"));
  CHECK(it.names().empty());
  CHECK(it.ask("SELECT uid || ' ' || deleted_at || ' ' || length(tail) FROM object") == "uid-of-jane 2 0");

  it.commit({on("jane", created("jane"))});
  CHECK(it.names() == Names{"jane"});
}

TEST_CASE("lists go by name, in pages, with what remains") {
  Installation it;
  it.start();
  for (const auto* name : {"b", "a", "d", "c", "B"}) it.commit({on(name, created(name))});
  CHECK(it.names() == Names{"B", "a", "b", "c", "d"});

  const auto page = it.views->list({.resource = requests, .name_after = "a", .limit = 2});
  CHECK(page.position == Position{5});
  REQUIRE(page.rows.size() == 2);
  CHECK(page.rows[1].name == "c");
  CHECK(page.more);
  CHECK(page.remaining == 1);
  const auto last = it.views->list({.resource = requests, .name_after = "c", .limit = 2});
  CHECK_FALSE(last.more);
  CHECK(last.remaining == 0);

  CHECK(it.names({.name = "c"}) == Names{"c"});
  CHECK(it.names({.name_after = "c", .name = "c"}).empty());
  const auto is_late = [](const engine::ObjectRow& row) { return row.name > "b"; };
  CHECK(it.names({.matches = is_late}) == Names{"c", "d"});
  const auto matched = it.views->list({.resource = requests, .matches = is_late, .limit = 1});
  CHECK(matched.more);
  CHECK(matched.remaining == 0);
}

TEST_CASE("a list ends with the row that has its bytes") {
  Installation it;
  it.start();
  for (const auto* name : {"a", "b", "c"}) it.commit({on(name, created(name))});
  const auto whole = it.views->list({.resource = requests});
  CHECK_FALSE(whole.more);
  const auto bytes = whole.rows[0].tail.size() + 1;
  const auto page = it.views->list({.resource = requests, .tail_bytes = bytes, .count = false});
  REQUIRE(page.rows.size() == 2);
  CHECK(page.more);
  CHECK(page.reached == "b");
  CHECK(page.remaining == 0);
  CHECK(page.rows[1].tail == whole.rows[1].tail);
  CHECK(page.rows[1].cells == whole.rows[1].cells);
}

TEST_CASE("a position that is reached already calls back at once") {
  Installation it;
  it.start();
  it.commit({on("jane", created("jane"))});
  bool called = false;
  it.views->when_reached({1}, [&] { called = true; });
  CHECK(called);
}

TEST_CASE("each step is told, so that the scheduler wakes") {
  std::promise<Position> told;  // outlives the projector's thread
  Installation it;
  it.options.moved_on = [&](Position position) { told.set_value(position); };
  it.start();
  it.history.commit({on("jane", created("jane"))});
  it.views->committed(it.history.commit({on("joe", created("joe"))}));
  CHECK(told.get_future().get() == Position{2});
}

TEST_CASE("a batch that was missed is read from the log") {
  Installation it;
  it.start();
  it.history.commit({on("jane", created("jane"))});
  it.commit({on("joe", created("joe"))});
  CHECK(it.names() == Names{"jane", "joe"});
}

TEST_CASE("what does not fit in memory is read from the log") {
  Installation it;
  it.options.events_waiting = 1;
  it.start();
  it.jane_and_joe();
  CHECK(it.views->position() == it.history.head());
  CHECK(it.names() == Names{"jane", "jane-2", "joe"});
}

TEST_CASE("certificates and lineages are rows") {
  Installation it;
  it.start();
  it.jane_and_joe();
  CHECK(it.ask("SELECT stream || ' ' || uid || ' ' || serial || ' ' || fingerprint FROM certificate") ==
        "csr/jane uid-of-jane 0102 f00d");
  CHECK(it.ask("SELECT not_after FROM certificate") == std::to_string(day_ninety.microseconds));
  CHECK(it.ask("SELECT name || ' ' || base_name || ' ' || generation || ' ' || predecessor || ' ' || serial "
               "FROM lineage") == "jane-2 jane 2 jane 03");
}

struct Restart : Installation {
  std::vector<std::uint64_t> steps;
  Restart() {
    start();
    jane_and_joe();
    stop();
    options.catching_up = [this](Position done, Position) { steps.push_back(done.value); };
  }
  void check_sound() {
    CHECK(names() == Names{"jane", "jane-2", "joe"});
    CHECK(views->position() == history.head());
  }
};

TEST_CASE("views that were closed cleanly are used as they are") {
  Restart it;
  it.start();
  CHECK(it.views->rebuilt_because().empty());
  CHECK(it.steps.empty());
  it.check_sound();
}

TEST_CASE("views that are behind catch up from where they were") {
  Restart it;
  it.history.commit({on("zoe", created("zoe"))});
  it.start();
  CHECK(it.views->rebuilt_because().empty());
  CHECK(it.steps == std::vector{it.history.head().value});
  CHECK(it.names() == Names{"jane", "jane-2", "joe", "zoe"});
}

TEST_CASE("views that cannot be trusted are made anew") {
  Restart it;
  const auto path = it.directory.files().views();
  std::string why;
  SECTION("none") {
    std::filesystem::remove(path);
    why = "there is none";
  }
  SECTION("not a database") {
    std::ofstream(path) << std::string(20'000, 'x');
    why = "damaged";
  }
  SECTION("cut short") {
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    why = "damaged";
  }
  SECTION("of another program") {
    it.options.maker = "csrflow next";
    why = "another version";
  }
  SECTION("of another schema") {
    it.tamper("ALTER TABLE timer ADD COLUMN colour TEXT");
    why = "somebody changed it";
  }
  SECTION("ahead of the log") {
    it.tamper("UPDATE reached SET position = 1000");
    why = "ahead of the log";
  }
  SECTION("the machine went down") {
    it.tamper("UPDATE reached SET clean = 0, boot = 'another'");
    why = "the machine went down";
  }
  it.start();
  CHECK_THAT(it.views->rebuilt_because(), Contains(why));
  it.check_sound();
  CHECK_FALSE(std::filesystem::exists(path.string() + ".new"));
}

TEST_CASE("a crash of the program alone costs nothing") {
  Restart it;
  it.tamper("UPDATE reached SET clean = 0");
  it.start();
  CHECK(it.views->rebuilt_because().empty());
  it.check_sound();
}

TEST_CASE("views that fail harm nobody: reads say so, and the next start makes them anew") {
  std::string told;
  Installation it;
  it.options.failed = [&](const std::string& what) { told = what; };
  it.start();
  it.commit({on("jane", created("jane"))});
  it.tamper("DROP TABLE timer");
  it.commit({on("jane", approved("jane"))});
  CHECK_THAT(told, Contains("have failed") && Contains("timer"));
  CHECK_THROWS_WITH(it.views->get(requests, "jane"), Contains("have failed"));
  CHECK_THROWS_AS(it.names(), StoreError);
  it.commit({on("joe", created("joe"))});
  it.stop();
  it.start();
  CHECK_FALSE(it.views->failure());
  CHECK(it.names() == Names{"jane", "joe"});
}

}  // namespace
}  // namespace csrflow::store
