// views.db as a file: when it can be trusted, and when it must be made anew.
#pragma once

#include <SQLiteCpp/Database.h>

#include <memory>
#include <string>

#include "engine/types.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// Holds the one writing connection. Belongs to one thread at a time.
class ViewsFile {
 public:
  /// Opens views.db; when it is missing, damaged, of another schema or maker, ahead of the log, or left
  /// without a clean close by another boot, a new file beside it instead, which is to be filled and then put
  /// in its place. `maker` names the program, since another one may render rows differently. Throws
  /// StoreError, SQLite::Exception.
  ViewsFile(const DataFiles&, engine::Position head, std::string maker);

  SQLite::Database& db() { return *db_; }
  /// Why it is being made anew, as a sentence; empty when it is not.
  const std::string& rebuilt_because() const { return reason_; }
  /// Closes the filled file, puts it in the place of views.db and opens it there. No statement may be left.
  void put_in_place();
  /// Syncs everything, then marks it as closed. Without it, only the same boot trusts the file.
  void close_cleanly();
  /// Removes the file: the next start makes it anew.
  void discard();

 private:
  void mark(bool clean);

  DataFiles files_;
  std::string maker_;
  std::string reason_;
  std::unique_ptr<SQLite::Database> db_;
};

/// Why what the file shows cannot be trusted, as a sentence; empty: it can, up to the position in it.
/// Throws StoreError when the schema is another one, SQLite::Exception.
std::string why_untrusted(SQLite::Database&, engine::Position head);

}  // namespace csrflow::store
