#include "store/timer_source.hpp"

#include "tests/catch.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using engine::TimerKind;

std::vector<std::string> shown(const std::vector<engine::Timer>& timers) {
  std::vector<std::string> texts;
  for (const auto& timer : timers)
    texts.push_back(std::string(name_of(timer.kind)) + ' ' + timer.stream.text);
  return texts;
}
using Texts = std::vector<std::string>;

TEST_CASE("timers come from the view, in due order, and go when their cause is done") {
  Installation it;
  it.start();
  SqliteTimerSource source(it.directory.files(), *it.views, it.log.reader());
  const auto far = day_ninety + engine::seconds(86'400);

  it.commit({on("jane", renewing("jane"))});
  CHECK(source.due(far, 10).empty());
  CHECK_FALSE(source.next_after(day_one));

  it.commit({on("jane", approved("jane"))});
  CHECK(shown(source.unfinished()) == Texts{"sign csr/jane"});
  it.commit({on("jane", issuing("jane"))});
  CHECK(shown(source.unfinished()) == Texts{"resume-sign csr/jane"});
  it.commit({on("jane", signed_for("jane"))});
  CHECK(source.unfinished().empty());
  CHECK(shown(source.due(far, 10)) ==
        Texts{"rotate csr/jane", "rotate-overdue csr/jane", "at-risk csr/jane", "expire csr/jane"});
  CHECK(shown(source.due(far, 1)) == Texts{"rotate csr/jane"});

  const auto rotation = source.due(far, 1).front();
  CHECK(rotation.cause == engine::Position{4});
  CHECK(rotation.not_after == day_ninety);
  CHECK(source.due(rotation.due - engine::Duration{1}, 10).empty());
  CHECK(source.next_after(day_one) == rotation.due);
  CHECK(source.next_after(rotation.due) == source.due(far, 2).back().due);
}

TEST_CASE("each due timer is read once, also one that comes when what is due later was read already") {
  Installation it;
  it.start();
  SqliteTimerSource source(it.directory.files(), *it.views, it.log.reader());
  const auto far = day_ninety + engine::seconds(86'400);
  engine::DueCursor cursor;
  CHECK(source.newly_due(cursor, far, 10).empty());

  it.commit({on("jane", renewing("jane")), on("jane", approved("jane")), on("jane", issuing("jane")),
             on("jane", signed_for("jane"))});
  CHECK(shown(source.newly_due(cursor, day_one, 10)).empty());
  CHECK(shown(source.newly_due(cursor, far, 1)) == Texts{"rotate csr/jane"});
  CHECK(shown(source.newly_due(cursor, far, 10)) ==
        Texts{"rotate-overdue csr/jane", "at-risk csr/jane", "expire csr/jane"});
  CHECK(source.newly_due(cursor, far, 10).empty());

  it.commit({on("joe", created("joe")), on("joe", approved("joe"))});
  it.commit({on("eve", created("eve")), on("eve", approved("eve"))});
  CHECK(shown(source.newly_due(cursor, far, 1)) == Texts{"sign csr/joe"});
  CHECK(shown(source.newly_due(cursor, far, 10)) == Texts{"sign csr/eve"});
  CHECK(source.newly_due(cursor, far, 10).empty());
  CHECK(source.due(far, 10).size() == 6);

  engine::DueCursor anew;
  CHECK(shown(source.newly_due(anew, far, 10)) == Texts{"sign csr/joe", "sign csr/eve", "rotate csr/jane",
                                                        "rotate-overdue csr/jane", "at-risk csr/jane",
                                                        "expire csr/jane"});
}

TEST_CASE("what is due is counted by kind") {
  Installation it;
  it.start();
  SqliteTimerSource source(it.directory.files(), *it.views, it.log.reader());
  for (const std::string name : {"jane", "joe"})
    it.commit({on(name, created(name)), on(name, approved(name))});
  it.commit({on("eve", renewing("eve")), on("eve", approved("eve")), on("eve", issuing("eve"))});
  const auto counts = source.due_by_kind(day_ninety);
  REQUIRE(counts.size() == 2);
  CHECK((counts[0].kind == TimerKind::resume_sign && counts[0].due == 1));
  CHECK((counts[1].kind == TimerKind::sign && counts[1].due == 2));
  CHECK(source.due_by_kind(day_one).empty());
}

TEST_CASE("a stream's state is as of now") {
  Installation it;
  it.start();
  SqliteTimerSource source(it.directory.files(), *it.views, it.log.reader());
  it.commit({on("jane", created("jane"))});
  CHECK(version_of(*source.state(engine::csr_stream("jane"))) == engine::Version{1});
  it.history.commit({on("jane", approved("jane"))});
  CHECK(version_of(*source.state(engine::csr_stream("jane"))) == engine::Version{2});
  CHECK(version_of(*source.state(engine::csr_stream("nobody"))) == engine::Version{0});
}

TEST_CASE("it waits until the view has reached a position") {
  Installation it;
  it.start();
  SqliteTimerSource source(it.directory.files(), *it.views, it.log.reader());
  it.views->committed(it.history.commit({on("jane", created("jane")), on("jane", approved("jane"))}));
  source.reach({2});
  CHECK(shown(source.unfinished()) == Texts{"sign csr/jane"});
}

}  // namespace
}  // namespace csrflow::store
