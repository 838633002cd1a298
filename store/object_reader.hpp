// Reads objects from views.db.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <memory>

#include "engine/views.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// A read-only connection to views.db. Throws SQLite::Exception.
std::unique_ptr<SQLite::Database> open_views(const DataFiles&);

/// Belongs to one thread at a time. Each call is one transaction. Throws SQLite::Exception, StoreError.
class ObjectReader {
 public:
  explicit ObjectReader(const DataFiles&);
  std::optional<engine::ObjectRow> get(const std::string& resource, const std::string& name);
  engine::ObjectList list(const engine::ListQuery&);

 private:
  std::optional<engine::ObjectRow> row_in(const SQLite::Statement&, const engine::ListQuery&);
  std::uint64_t count_after(const std::string& resource, const std::string& name);

  std::unique_ptr<SQLite::Database> db_;
  SQLite::Statement position_;
  SQLite::Statement one_;
  SQLite::Statement following_;
  SQLite::Statement body_;
  SQLite::Statement count_;
};

}  // namespace csrflow::store
