#include "store/timer_list.hpp"

#include "tests/catch.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using Texts = std::vector<std::string>;
constexpr std::size_t all = SIZE_MAX;

TimerList listed(const Installation& it, std::size_t limit = all) {
  return list_timers(it.directory.files(), sha256, limit);
}
Texts shown(const TimerList& list) {
  Texts texts;
  for (const auto& timer : list.timers)
    texts.push_back(std::string(name_of(timer.kind)) + ' ' + timer.stream.text);
  return texts;
}
void sign(Installation& it, const std::string& name) {
  it.commit({on(name, renewing(name))});
  it.commit({on(name, approved(name))});
  it.commit({on(name, issuing(name))});
  it.commit({on(name, signed_for(name))});
}

TEST_CASE("timers are listed from the view, in due order") {
  Installation it;
  it.start();
  sign(it, "jane");
  it.commit({on("joe", created("joe")), on("joe", approved("joe"))});
  const TimerList list = listed(it);
  CHECK(list.read_whole_log_because.empty());
  CHECK(list.position == engine::Position{6});
  const Texts expected{"sign csr/joe", "rotate csr/jane", "rotate-overdue csr/jane", "at-risk csr/jane",
                       "expire csr/jane"};
  CHECK_THAT(shown(list), Catch::UnorderedEquals(expected));
  CHECK(std::ranges::is_sorted(list.timers, {}, &engine::Timer::due));
  CHECK(listed(it, 1).timers == std::vector{list.timers.front()});
}

TEST_CASE("what the view does not show yet comes from the log") {
  Installation it;
  it.start();
  sign(it, "jane");
  it.commit({on("joe", created("joe")), on("joe", approved("joe"))});
  // Committed, and not yet followed: joe is no longer waiting for a signature.
  it.history.commit({on("joe", issuing("joe"))});
  it.history.commit({on("joe", signed_for("joe"))});
  const TimerList list = listed(it);
  CHECK(list.read_whole_log_because.empty());
  CHECK(list.position == engine::Position{8});
  CHECK(shown(list) == Texts{"rotate csr/jane", "rotate-overdue csr/jane", "at-risk csr/jane",
                             "expire csr/jane", "expire csr/joe"});
}

TEST_CASE("without a view that can be trusted the whole log is read") {
  Installation it;
  it.start();
  sign(it, "jane");
  const Texts from_view = shown(listed(it));
  it.stop();
  SECTION("of a machine that went down") {
    it.tamper("UPDATE reached SET clean = 0, boot = 'another'");
    it.tamper("DELETE FROM timer");
    CHECK(listed(it).read_whole_log_because == "the machine went down while it was open");
    CHECK(shown(listed(it)) == from_view);
  }
  SECTION("there is none") {
    std::filesystem::remove(it.directory.files().views());
    CHECK_FALSE(listed(it).read_whole_log_because.empty());
    CHECK(shown(listed(it)) == from_view);
  }
}

}  // namespace
}  // namespace csrflow::store
