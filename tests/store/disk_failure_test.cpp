// Fails the n-th change of a file, n = 1, 2, 3 … until the whole life of a log goes through.
#include "store/error.hpp"
#include "store/event_log.hpp"
#include "tests/catch.hpp"
#include "tests/store/failing_vfs.hpp"
#include "tests/store/some_events.hpp"
#include "tests/store/temporary_directory.hpp"

namespace csrflow::store {
namespace {

using Catch::Matchers::Contains;
using test::event;

constexpr std::uint64_t commits = 4;
// Enough for the pages of every commit to differ.
const std::string data = '"' + std::string(20'000, 'x') + '"';

struct Life {
  std::uint64_t acknowledged = 0;
  std::uint64_t told = 0;
  std::string failure;

  /// Opens, appends, closes.
  void live(const DataDirectory& directory, const std::string& vfs) {
    try {
      SqliteEventLog log(
          directory, {.on_disk_failure = [this](const auto&) { ++told; }, .reserve_bytes = 0, .vfs = vfs});
      for (std::uint64_t i = 0; i < commits; ++i) {
        if (!log.append({i}, std::vector{event("csr/jane", i + 1, data)})) throw std::logic_error("conflict");
        acknowledged = i + 1;
      }
      log.close();
    } catch (const engine::LogFailure& e) {
      failure = e.what();
    } catch (const StoreError& e) {
      failure = e.what();
    }
  }
};

void check_whole(const DataDirectory& directory, std::uint64_t acknowledged) {
  SqliteEventLog log(directory, {.reserve_bytes = 0});
  const auto reader = log.reader();
  const auto head = reader->head();
  CHECK(head.value >= acknowledged);
  const auto events = reader->after({0}, 100);
  CHECK(events.size() == head.value);
  CHECK(log.append(head, std::vector{event("csr/jane", head.value + 1)}).has_value());
}

TEST_CASE(
    "after any failed write, sync, truncation or deletion nothing more is written, and nothing is lost") {
  test::FailingVfs vfs;
  std::uint64_t failures = 0;
  for (std::uint64_t n = 1;; ++n) {
    INFO("change " << n << " fails");
    const test::TemporaryDirectory temporary;
    const DataDirectory directory(temporary.path());
    Life life;
    vfs.fail(n);
    life.live(directory, vfs.name());
    if (!vfs.has_failed()) break;
    ++failures;
    CHECK(vfs.changes_since_failure() == 0);
    CHECK(life.told == 1);
    vfs.fail(0);
    check_whole(directory, life.acknowledged);
  }
  CHECK(failures > 20);
}

TEST_CASE("after a failure the log refuses everything, with the reason") {
  test::FailingVfs vfs;
  const test::TemporaryDirectory temporary;
  const DataDirectory directory(temporary.path());
  std::string told;
  SqliteEventLog log(
      directory,
      {.on_disk_failure = [&](const auto& what) { told = what; }, .reserve_bytes = 0, .vfs = vfs.name()});
  vfs.fail(1);
  const std::vector one = {event("csr/jane", 1)};
  try {
    (void)log.append({0}, one);
    FAIL("the write went through");
  } catch (const engine::LogFailure& e) {
    CHECK_FALSE(e.retry);
    CHECK_THAT(e.what(), Contains("the disk failed at a write"));
  }
  CHECK_THAT(told, Contains(directory.files().directory.string()));
  CHECK_THROWS_AS(log.append({0}, one), engine::LogFailure);
}

TEST_CASE("a full disk loses nothing, says so, and the same append goes through once there is room") {
  test::FailingVfs vfs;
  std::uint64_t failures = 0;
  for (std::uint64_t n = 1;; ++n) {
    INFO("write " << n << " finds the disk full");
    const test::TemporaryDirectory temporary;
    const DataDirectory directory(temporary.path());
    SqliteEventLog log(directory, {.reserve_bytes = 4096, .vfs = vfs.name()});
    vfs.fail(n, true);
    for (std::uint64_t i = 0; i < commits; ++i) {
      const std::vector next = {event("csr/jane", i + 1, data)};
      try {
        if (!log.append({i}, next)) throw std::logic_error("conflict");
      } catch (const engine::LogFailure& e) {
        CHECK(e.retry);
        CHECK_THAT(e.what(), Contains("disk full on " + directory.files().directory.string()));
        CHECK(log.reader()->head().value == i);
        CHECK(log.append({i}, next).has_value());
      }
    }
    const bool failed = vfs.has_failed();
    log.close();
    check_whole(directory, commits);
    if (!failed) break;
    ++failures;
  }
  CHECK(failures > commits);
}

TEST_CASE("a close that finds the disk full uses what was set aside") {
  test::FailingVfs vfs;
  const test::TemporaryDirectory temporary;
  const DataDirectory directory(temporary.path());
  SqliteEventLog log(directory, {.reserve_bytes = 4096, .vfs = vfs.name()});
  CHECK(log.append({0}, std::vector{event("csr/jane", 1, data)}).has_value());
  vfs.fail(1, true);
  log.close();
  CHECK(vfs.has_failed());
  CHECK_FALSE(std::filesystem::exists(directory.files().reserve()));
  CHECK_FALSE(std::filesystem::exists(directory.files().events_open_mark()));
  vfs.fail(0);
  check_whole(directory, 1);
}

}  // namespace
}  // namespace csrflow::store
