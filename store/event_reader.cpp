#include "store/event_reader.hpp"

#include <sqlite3.h>

#include "store/error.hpp"
#include "store/leaf.hpp"
#include "store/migrations.hpp"
#include "store/sqlite.hpp"

namespace csrflow::store {
namespace {

constexpr auto columns =
    "SELECT position, stream, version, type, schema, recorded_at, context_hash, data_hash, salt, context, "
    "data "
    "FROM event ";

std::uint64_t number(const SQLite::Statement& row, int column) {
  return static_cast<std::uint64_t>(row.getColumn(column).getInt64());
}

engine::Bytes bytes(const SQLite::Statement& row, int column) {
  return row.getColumn(column).getString();
}

engine::LogFailure damaged(engine::Position position, const std::string& what) {
  return {"events.db is damaged: at position " + std::to_string(position.value) + " " + what +
              "; restore it from a backup",
          false};
}

engine::Sha256 hash_in(const SQLite::Statement& row, int column, engine::Position position) {
  engine::Sha256 hash{};
  const auto stored = bytes(row, column);
  if (stored.size() != hash.size()) throw damaged(position, "a hash has the wrong size");
  std::copy(stored.begin(), stored.end(), hash.begin());
  return hash;
}

engine::StoredEvent event_in(const SQLite::Statement& row) {
  engine::StoredEvent event;
  event.position = {number(row, 0)};
  event.stream = {bytes(row, 1)};
  event.version = {number(row, 2)};
  event.type = bytes(row, 3);
  event.schema = static_cast<std::uint32_t>(number(row, 4));
  event.recorded_at = {row.getColumn(5).getInt64()};
  event.context_hash = hash_in(row, 6, event.position);
  event.data_hash = hash_in(row, 7, event.position);
  if (row.getColumn(8).isNull()) return event;  // erased
  event.salt = bytes(row, 8);
  event.context = bytes(row, 9);
  event.data = bytes(row, 10);
  if (hash_of_context(event.salt, event.context) != event.context_hash)
    throw damaged(event.position, "the context is not what was hashed");
  if (hash_of_data(event.salt, event.data) != event.data_hash)
    throw damaged(event.position, "the data is not what was hashed");
  return event;
}

// Resets the statement whatever happens, so that no snapshot is held between two calls.
class Run {
 public:
  explicit Run(SQLite::Statement& statement) : statement_(statement) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { statement_.tryReset(); }
  bool step() {
    try {
      return statement_.executeStep();
    } catch (const SQLite::Exception& e) {
      throw engine::LogFailure(std::string("events.db cannot be read: ") + e.what(), false);
    }
  }

 private:
  SQLite::Statement& statement_;
};

std::unique_ptr<SQLite::Database> opened(const DataFiles& files) {
  if (!std::filesystem::exists(files.events()))
    throw StoreError("there is no log in " + files.directory.string() + ": `csrflow init` makes one");
  try {
    auto db = open_connection(files.events(), Access::read);
    set_up_reader(*db);
    check_schema(*db, events_application_id, event_migrations, false);
    return db;
  } catch (const SQLite::Exception& e) {
    throw_unopened(files.events(), e);
  }
}

}  // namespace

void throw_unopened(const std::filesystem::path& file, const SQLite::Exception& e) {
  switch (e.getErrorCode() & 0xFF) {
    case SQLITE_NOTADB:
      throw StoreError(file.string() + " is not a SQLite database: restore it from a backup");
    case SQLITE_CORRUPT:
      throw StoreError(file.string() + " is damaged or cut short (" + e.what() +
                       "): restore it from a backup");
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      throw StoreError(
          file.string() + " cannot be opened (" + e.what() +
          "): its directory must be writable, even for reading, since SQLite keeps shared memory there");
    case SQLITE_BUSY:
      throw StoreError(file.string() + " is locked by another program: end that first");
    default:
      throw StoreError(file.string() + " cannot be opened: " + e.what());
  }
}

SqliteEventReader::SqliteEventReader(const DataFiles& files)
    : db_(opened(files)),
      head_(*db_, "SELECT coalesce(max(position), 0) FROM event"),
      after_(*db_, std::string(columns) + "WHERE position > ?1 ORDER BY position LIMIT ?2"),
      stream_(*db_, std::string(columns) + "WHERE stream = ?1 AND version > ?2 ORDER BY version"),
      // The names of a category's streams begin with `<category>/`, and '0' follows '/'.
      category_(*db_, std::string(columns) +
                          "WHERE stream > ?1 || '/' AND stream < ?1 || '0' "
                          "ORDER BY stream, version") {}

engine::Position SqliteEventReader::head() {
  Run run(head_);
  run.step();
  return {number(head_, 0)};
}

std::vector<engine::StoredEvent> SqliteEventReader::after(engine::Position position, std::size_t limit) {
  Run run(after_);
  after_.bind(1, static_cast<std::int64_t>(position.value));
  after_.bind(2, static_cast<std::int64_t>(limit));
  std::vector<engine::StoredEvent> events;
  while (run.step()) {
    events.push_back(event_in(after_));
    if (events.back().position.value != position.value + events.size())
      throw damaged({position.value + events.size()}, "an event is missing");
  }
  return events;
}

std::vector<engine::StoredEvent> SqliteEventReader::stream(const engine::StreamId& id,
                                                           engine::Version version) {
  Run run(stream_);
  stream_.bindNoCopy(1, id.text);
  stream_.bind(2, static_cast<std::int64_t>(version.value));
  std::vector<engine::StoredEvent> events;
  while (run.step()) {
    events.push_back(event_in(stream_));
    if (events.back().version.value != version.value + events.size())
      throw damaged(events.back().position, "a version of stream " + id.text + " is missing before it");
  }
  return events;
}

std::vector<engine::StoredEvent> SqliteEventReader::category(std::string_view category) {
  Run run(category_);
  category_.bind(1, std::string(category));
  std::vector<engine::StoredEvent> events;
  while (run.step()) events.push_back(event_in(category_));
  return events;
}

}  // namespace csrflow::store
