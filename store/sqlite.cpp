#include "store/sqlite.hpp"

#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include "store/error.hpp"
#include "store/migrations.hpp"

namespace csrflow::store {
namespace {

constexpr int max_value_bytes = 16 * 1024 * 1024;
constexpr int max_sql_bytes = 1024 * 1024;
constexpr int writer_patience_ms = 5000;  // only an operator's tool can be in the way
constexpr int reader_patience_ms = 1000;
constexpr std::int64_t page_bytes = 8192;
constexpr std::int64_t checkpoint_pages = 2000;  // 16 MB
constexpr std::int64_t wal_kept_bytes = 64 * 1024 * 1024;
constexpr std::int64_t cache_kib = 16'000;
constexpr int oldest_sqlite = 3'037'000;  // STRICT tables, SQLITE_OPEN_EXRESCODE

void configure(SQLite::Database& db, int option, int value) {
  if (sqlite3_db_config(db.getHandle(), option, value, nullptr) != SQLITE_OK)
    throw StoreError("SQLite refuses a safety setting (" + std::to_string(option) + ")");
}

void harden(SQLite::Database& db) {
  configure(db, SQLITE_DBCONFIG_DEFENSIVE, 1);
  configure(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  configure(db, SQLITE_DBCONFIG_DQS_DDL, 0);
  configure(db, SQLITE_DBCONFIG_DQS_DML, 0);
  configure(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1);
  configure(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
  sqlite3_limit(db.getHandle(), SQLITE_LIMIT_LENGTH, max_value_bytes);
  sqlite3_limit(db.getHandle(), SQLITE_LIMIT_SQL_LENGTH, max_sql_bytes);
  sqlite3_limit(db.getHandle(), SQLITE_LIMIT_ATTACHED, 0);
}

// Everything that defines tables, indexes and triggers, in a fixed order.
std::string schema_text(SQLite::Database& db) {
  std::string text;
  SQLite::Statement query(db,
                          "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL "
                          "AND name NOT LIKE 'sqlite_%' ORDER BY type, name");
  while (query.executeStep())
    for (int column = 0; column < 3; ++column) text += query.getColumn(column).getString() + '\n';
  return text;
}

void migrate(SQLite::Database& db, std::span<const std::string_view> migrations, std::size_t from) {
  for (const auto sql : migrations.subspan(from)) db.exec(std::string(sql));
  db.exec("PRAGMA user_version = " + std::to_string(migrations.size()));
}

}  // namespace

std::unique_ptr<SQLite::Database> open_connection(const std::filesystem::path& path, Access access,
                                                  const std::string& vfs) {
  if (sqlite3_libversion_number() < oldest_sqlite)
    throw StoreError(std::string("SQLite ") + sqlite3_libversion() + " is too old: 3.37 or later is needed");
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (access == Access::create) flags |= SQLITE_OPEN_CREATE;
  auto db = std::make_unique<SQLite::Database>(
      path.string(), flags, access == Access::read ? reader_patience_ms : writer_patience_ms, vfs);
  harden(*db);
  if (access == Access::read) configure(*db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
  return db;
}

std::int64_t pragma(SQLite::Database& db, const std::string& name) {
  return db.execAndGet("PRAGMA " + name).getInt64();
}

void set_pragma(SQLite::Database& db, const std::string& name, std::int64_t value) {
  SQLite::Statement set(db, "PRAGMA " + name + " = " + std::to_string(value));
  while (set.executeStep()) {
  }
  if (const auto found = pragma(db, name); found != value)
    throw StoreError("SQLite keeps " + name + " at " + std::to_string(found) + " instead of " +
                     std::to_string(value));
}

void set_up_writer(SQLite::Database& db, Durability durability) {
  set_pragma(db, "synchronous", durability == Durability::full ? 2 : 0);
  set_pragma(db, "wal_autocheckpoint", checkpoint_pages);
  set_pragma(db, "journal_size_limit", wal_kept_bytes);
  set_pragma(db, "cell_size_check", 1);
  set_pragma(db, "secure_delete", durability == Durability::full ? 1 : 0);
  set_pragma(db, "foreign_keys", 1);
  set_pragma(db, "temp_store", 2);
  set_pragma(db, "cache_size", -cache_kib);
  set_pragma(db, "recursive_triggers", 1);
  db.exec("PRAGMA mmap_size = 0");
}

void set_up_reader(SQLite::Database& db) {
  set_pragma(db, "wal_autocheckpoint", 0);
  set_pragma(db, "cell_size_check", 1);
  set_pragma(db, "temp_store", 2);
  set_pragma(db, "query_only", 1);
  db.exec("PRAGMA mmap_size = 0");
}

void create_schema(SQLite::Database& db, std::int32_t application_id,
                   std::span<const std::string_view> migrations) {
  set_pragma(db, "page_size", page_bytes);
  set_pragma(db, "auto_vacuum", 0);
  if (const auto mode = db.execAndGet("PRAGMA journal_mode = WAL").getString();
      mode != "wal" && mode != "memory")
    throw StoreError("SQLite cannot keep a write-ahead log there (journal mode " + mode + ")");
  WriteTransaction transaction(db);
  db.exec("PRAGMA application_id = " + std::to_string(application_id));
  migrate(db, migrations, 0);
  transaction.commit();
}

void check_schema(SQLite::Database& db, std::int32_t application_id,
                  std::span<const std::string_view> migrations, bool may_write) {
  const std::string file = db.getFilename();
  if (pragma(db, "application_id") != application_id)
    throw StoreError(file + " is a SQLite database, but not one of csrflow's");
  const auto version = pragma(db, "user_version");
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (version < 1 || version > known)
    throw StoreError(file + " has schema version " + std::to_string(version) +
                     "; this csrflow knows versions 1 to " + std::to_string(known) +
                     ": use the csrflow that wrote it, or a newer one");
  if (version < known) {
    if (!may_write)
      throw StoreError(file + " has the older schema version " + std::to_string(version) +
                       ": start the server once, it will bring it to version " + std::to_string(known));
    WriteTransaction transaction(db);
    migrate(db, migrations, static_cast<std::size_t>(version));
    transaction.commit();
  }
  SQLite::Database expected(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
  migrate(expected, migrations, 0);
  if (schema_text(db) != schema_text(expected))
    throw StoreError(file +
                     " has other tables, indexes or triggers than csrflow gave it: somebody changed it");
}

std::string quick_check(SQLite::Database& db) {
  const std::string answer = db.execAndGet("PRAGMA quick_check(1)").getString();
  return answer == "ok" ? "" : answer;
}

bool checkpoint(SQLite::Database& db, Checkpoint kind) {
  const int mode = kind == Checkpoint::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
  int in_wal = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(db.getHandle(), nullptr, mode, &in_wal, &copied);
  if ((code & 0xFF) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) throw SQLite::Exception(db.getHandle(), code);
  return in_wal == copied;
}

void abandon(SQLite::Database& db) {
  configure(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
}

WriteTransaction::WriteTransaction(SQLite::Database& db) : db_(db) {
  db_.exec("BEGIN IMMEDIATE");
}

WriteTransaction::~WriteTransaction() {
  if (sqlite3_get_autocommit(db_.getHandle()) == 0) db_.tryExec("ROLLBACK");
}

void WriteTransaction::commit() {
  db_.exec("COMMIT");
}

ReadTransaction::ReadTransaction(SQLite::Database& db) : db_(db) {
  db_.exec("BEGIN");
}

ReadTransaction::~ReadTransaction() {
  if (sqlite3_get_autocommit(db_.getHandle()) == 0) db_.tryExec("COMMIT");
}

}  // namespace csrflow::store
