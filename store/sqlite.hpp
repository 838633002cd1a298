// Connections to SQLite as csrflow wants them, and what SQLiteCpp does not offer. The only file that calls
// SQLite's C functions on a connection.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace csrflow::store {

enum class Access {
  create,  ///< a new file
  write,   ///< the one writer and checkpointer
  read     ///< never writes, never checkpoints
};

/// Opens with every defence on: no extensions, no trusted schema, no double-quoted strings, bounded sizes.
/// A connection and its statements stay in one thread at a time. Throws SQLite::Exception.
std::unique_ptr<SQLite::Database> open_connection(const std::filesystem::path&, Access,
                                                  const std::string& vfs = {});

/// Settings of each kind of connection, every one read back; throws StoreError when one does not hold.
enum class Durability { full, off };
void set_up_writer(SQLite::Database&, Durability);
void set_up_reader(SQLite::Database&);
/// Sets a numeric pragma and reads it back.
void set_pragma(SQLite::Database&, const std::string& name, std::int64_t value);
std::int64_t pragma(SQLite::Database&, const std::string& name);

/// Makes a new file's page size and WAL, then applies every migration in one transaction.
void create_schema(SQLite::Database&, std::int32_t application_id,
                   std::span<const std::string_view> migrations);
/// Refuses a file that is not ours, of a newer version, or with other tables and triggers than the migrations
/// make; applies the migrations that are missing when `may_write`. Throws StoreError with a sentence.
void check_schema(SQLite::Database&, std::int32_t application_id,
                  std::span<const std::string_view> migrations, bool may_write);
/// What SQLite finds wrong; empty when it is sound.
std::string quick_check(SQLite::Database&);

enum class Checkpoint { passive, truncate };
/// Copies the WAL back into the file. False when a reader kept it from finishing. Throws SQLite::Exception.
bool checkpoint(SQLite::Database&, Checkpoint);
/// Closing must not touch the file any more: what it holds can no longer be trusted.
void abandon(SQLite::Database&);

/// BEGIN IMMEDIATE … COMMIT. The destructor rolls back what is still open: SQLite has sometimes done so
/// itself.
class WriteTransaction {
 public:
  explicit WriteTransaction(SQLite::Database&);
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  ~WriteTransaction();
  void commit();

 private:
  SQLite::Database& db_;
};

/// One consistent view of the database for several statements.
class ReadTransaction {
 public:
  explicit ReadTransaction(SQLite::Database&);
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction();

 private:
  SQLite::Database& db_;
};

}  // namespace csrflow::store
