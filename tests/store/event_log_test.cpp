#include "store/event_log.hpp"

#include <SQLiteCpp/Database.h>

#include <fstream>

#include "store/error.hpp"
#include "store/leaf.hpp"
#include "tests/catch.hpp"
#include "tests/store/some_events.hpp"
#include "tests/store/temporary_directory.hpp"

namespace csrflow::store {
namespace {

using Catch::Matchers::Contains;
using engine::Position;
using test::event;

struct Log {
  test::TemporaryDirectory temporary;
  DataDirectory directory{temporary.path()};
  std::optional<SqliteEventLog> log;

  Log() { open(); }
  void open() { log.emplace(directory, SqliteEventLog::Options{.reserve_bytes = 4096}); }
  void append(std::uint64_t head, const std::vector<engine::NewEvent>& events) {
    REQUIRE(log->append({head}, events).has_value());
  }
  std::filesystem::path file() const { return directory.files().events(); }
  /// What somebody does to the file behind our back.
  void tamper(const std::string& sql) {
    log.reset();
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec(sql);
  }
};

TEST_CASE("what was appended is read back as it was written, at the next positions") {
  Log log;
  log.append(0, {event("csr/jane", 1, R"({"a":1})"), event("csr/joe", 1)});
  log.append(2, {event("csr/jane", 2, R"({"b":2})")});

  const auto reader = log.log->reader();
  CHECK(reader->head() == Position{3});
  const auto all = reader->after({0}, 10);
  REQUIRE(all.size() == 3);
  CHECK(all[0].position == Position{1});
  CHECK(all[0].stream.text == "csr/jane");
  CHECK(all[0].recorded_at == test::some_time);
  CHECK(all[0].context == R"({"actor":{"user":"jane"}})");
  CHECK(all[0].data == R"({"a":1})");
  CHECK(all[0].data_hash == hash_of_data(all[0].salt, all[0].data));
  CHECK(all[0].context_hash == hash_of_context(all[0].salt, all[0].context));
  CHECK(all[1].stream.text == "csr/joe");
  CHECK(all[2].version == engine::Version{2});

  CHECK(reader->after({1}, 1).size() == 1);
  CHECK(reader->after({3}, 10).empty());
  CHECK(reader->stream({"csr/jane"}, {}).size() == 2);
  CHECK(reader->stream({"csr/jane"}, {1}).front().position == Position{3});
  CHECK(reader->stream({"csr/nobody"}, {}).empty());
}

TEST_CASE("a category's events are read stream by stream, and nobody else's") {
  Log log;
  log.append(0, {event("token/b", 1), event("tokens/a", 1), event("token/a", 1), event("csr/token", 1),
                 event("toke/z", 1), event("token/a", 2)});
  const auto found = log.log->reader()->category("token");
  REQUIRE(found.size() == 3);
  CHECK(found[0].stream.text == "token/a");
  CHECK(found[0].version == engine::Version{1});
  CHECK(found[1].position == Position{6});
  CHECK(found[2].stream.text == "token/b");
  CHECK(log.log->reader()->category("rbac").empty());
}

TEST_CASE("a reader sees what another connection appends later") {
  Log log;
  const auto reader = log.log->reader();
  CHECK(reader->head() == Position{0});
  log.append(0, {event("csr/jane", 1)});
  CHECK(reader->head() == Position{1});
}

TEST_CASE("an append at another head is a conflict and writes nothing") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  const auto answer = log.log->append({0}, std::vector{event("csr/joe", 1)});
  REQUIRE_FALSE(answer.has_value());
  CHECK_THAT(answer.error().message, Contains("position 1, not at 0"));
  CHECK(log.log->reader()->head() == Position{1});
}

TEST_CASE("an append at another version of a stream is a conflict, all or nothing") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  const auto answer = log.log->append({1}, std::vector{event("csr/joe", 1), event("csr/jane", 3)});
  REQUIRE_FALSE(answer.has_value());
  CHECK_THAT(answer.error().message, Contains("csr/jane@3"));
  CHECK(log.log->reader()->head() == Position{1});
  log.append(1, {event("csr/jane", 2)});
}

TEST_CASE("time never runs backwards in the log") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  auto earlier = event("csr/jane", 2);
  earlier.recorded_at.microseconds -= 1;
  CHECK_FALSE(log.log->append({1}, std::vector{earlier}).has_value());
}

TEST_CASE("events survive a clean close, which leaves no write-ahead log") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  log.log->close();
  CHECK_FALSE(std::filesystem::exists(log.file().string() + "-wal"));
  CHECK_THROWS_AS(log.log->append({1}, std::vector{event("csr/jane", 2)}), engine::LogFailure);
  log.open();
  CHECK_FALSE(log.log->found_unclean());
  CHECK(log.log->reader()->head() == Position{1});
}

TEST_CASE("programs read beside a running server and with none running") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  CHECK(SqliteEventLog::open_reader(log.temporary.path())->head() == Position{1});
  log.log.reset();
  CHECK(SqliteEventLog::open_reader(log.temporary.path())->head() == Position{1});
}

TEST_CASE("a crash leaves a write-ahead log: it is read, and the next start checks the file") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  const test::TemporaryDirectory crashed;  // the files as a killed process leaves them
  for (const auto* name : {"events.db", "events.db-wal", "events.open"})
    std::filesystem::copy_file(log.temporary.path() / name, crashed.path() / name);
  CHECK(SqliteEventLog::open_reader(crashed.path())->head() == Position{1});
  const DataDirectory directory(crashed.path());
  SqliteEventLog reopened(directory, {.reserve_bytes = 0});
  CHECK(reopened.found_unclean());
  CHECK(reopened.reader()->head() == Position{1});
}

TEST_CASE("a long log is checkpointed on the way and stays whole") {
  Log log;
  const std::string data = '"' + std::string(64 * 1024, 'x') + '"';
  for (std::uint64_t i = 0; i < 400; ++i) {  // 26 MB: over the checkpoint's 16 MB
    log.append(i, {event("csr/jane", i + 1, data)});
    log.log->idle();
  }
  CHECK(log.log->reader()->after({0}, 1000).size() == 400);
  CHECK(std::filesystem::file_size(log.file().string() + "-wal") < 24 * 1024 * 1024);
}

TEST_CASE("space is really set aside") {
  Log log;
  CHECK(std::filesystem::file_size(log.directory.files().reserve()) == 4096);
}

TEST_CASE("events cannot be changed, deleted or slipped in") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  const std::string copy =
      "position + 1, stream, version + 1, type, schema, recorded_at - 1, context_hash, data_hash, "
      "salt, context, data FROM event";
  for (const std::string& sql :
       {std::string("UPDATE event SET type = 'denied'"), std::string("UPDATE event SET data = x'00'"),
        std::string("DELETE FROM event"), "INSERT INTO event SELECT " + copy,
        std::string("INSERT OR REPLACE INTO event SELECT * FROM event")})
    CHECK_THROWS_AS(log.tamper(sql), SQLite::Exception);
}

TEST_CASE("an erased payload leaves the event and its hashes") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  log.tamper("UPDATE event SET salt = NULL, context = NULL, data = NULL");
  log.open();
  const auto events = log.log->reader()->after({0}, 1);
  REQUIRE(events.size() == 1);
  CHECK(events[0].data.empty());
  CHECK(events[0].salt.empty());
  CHECK(events[0].data_hash != engine::Sha256{});
}

TEST_CASE("bytes that are not what was hashed are never served") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  std::string trigger;
  log.log.reset();
  {
    SQLite::Database db(log.file().string(), SQLite::OPEN_READWRITE);
    trigger = db.execAndGet("SELECT sql FROM sqlite_schema WHERE name = 'event_update'").getString();
    db.exec("DROP TRIGGER event_update; UPDATE event SET data = x'7b7d20'; " + trigger);
  }
  log.open();
  CHECK_THROWS_WITH(log.log->reader()->after({0}, 1), Contains("damaged") && Contains("position 1"));
}

TEST_CASE("a log that is gone is not begun again beside what was made from it") {
  Log log;
  log.append(0, {event("csr/jane", 1)});
  log.log.reset();
  std::ofstream(log.directory.files().views()) << "views";
  std::filesystem::remove(log.file());
  CHECK_THROWS_WITH(log.open(), Contains("events.db is missing, but views.db is there"));
  CHECK_FALSE(std::filesystem::exists(log.file()));
  std::filesystem::remove(log.directory.files().views());
  CHECK_NOTHROW(log.open());
}

TEST_CASE("a file that is not a sound log of ours is refused with a sentence") {
  Log log;
  log.append(0, {event("csr/jane", 1), event("csr/jane", 2)});
  const auto refusal = [&]() -> std::string {
    log.log.reset();
    try {
      log.open();
      return "opened";
    } catch (const StoreError& e) {
      return e.what();
    }
  };
  SECTION("a newer version") {
    log.tamper("PRAGMA user_version = 99");
    CHECK_THAT(refusal(), Contains("schema version 99") && Contains("newer"));
    CHECK_THROWS_WITH(SqliteEventLog::open_reader(log.temporary.path()), Contains("schema version 99"));
  }
  SECTION("another program's database") {
    log.tamper("PRAGMA application_id = 1");
    CHECK_THAT(refusal(), Contains("not one of csrflow's"));
  }
  SECTION("a trigger is gone") {
    log.tamper("DROP TRIGGER event_delete");
    CHECK_THAT(refusal(), Contains("somebody changed it"));
  }
  SECTION("an event is gone") {
    log.tamper(
        "DROP TRIGGER event_delete; DELETE FROM event WHERE position = 1; CREATE TRIGGER event_delete BEFORE "
        "DELETE ON "
        "event\nBEGIN SELECT raise(ABORT, 'event log: events are never deleted'); END;");
    CHECK_THAT(refusal(), Contains("events are missing"));
  }
  SECTION("not a database") {
    log.log.reset();
    std::ofstream(log.file()) << std::string(20000, 'x');
    CHECK_THAT(refusal(), Contains("not a SQLite database"));
  }
  SECTION("cut short") {
    log.log.reset();
    std::filesystem::resize_file(log.file(), 8192);
    CHECK_THAT(refusal(), Contains("damaged or cut short"));
  }
  SECTION("empty") {
    log.log.reset();
    std::filesystem::resize_file(log.file(), 0);
    CHECK_THAT(refusal(), !Contains("opened"));
  }
}

}  // namespace
}  // namespace csrflow::store
