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
  CHECK(shown(source.due(far, 10)) == Texts{"rotate csr/jane", "expire csr/jane"});
  CHECK(shown(source.due(far, 1)) == Texts{"rotate csr/jane"});

  const auto rotation = source.due(far, 1).front();
  CHECK(rotation.cause == engine::Position{4});
  CHECK(rotation.not_after == day_ninety);
  CHECK(source.due(rotation.due - engine::Duration{1}, 10).empty());
  CHECK(source.next_after(day_one) == rotation.due);
  CHECK(source.next_after(rotation.due) == day_ninety + engine::seconds(1));
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
