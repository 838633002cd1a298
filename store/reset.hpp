// Makes a prepared statement ready for its next use, whatever happens in between.
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

namespace csrflow::store {

struct Reset {
  explicit Reset(SQLite::Statement& used) : statement(used) {}
  Reset(const Reset&) = delete;
  Reset& operator=(const Reset&) = delete;
  ~Reset() { statement.tryReset(); }
  SQLite::Statement& statement;
};

}  // namespace csrflow::store
