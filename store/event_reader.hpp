// Reads events.db beside a running server, or with none running.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "engine/ports.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// Every statement is its own short transaction. Each row is checked as it is read: no gap in the positions,
/// and the bytes are those that their hashes name. Throws engine::LogFailure otherwise. Belongs to one
/// thread.
class SqliteEventReader final : public engine::EventReader {
 public:
  /// Throws StoreError when the file cannot be opened or is not ours.
  explicit SqliteEventReader(const DataFiles&);

  engine::Position head() override;
  std::vector<engine::StoredEvent> after(engine::Position, std::size_t limit) override;
  std::vector<engine::StoredEvent> stream(const engine::StreamId&, engine::Version) override;
  std::vector<engine::StoredEvent> category(std::string_view) override;

 private:
  std::unique_ptr<SQLite::Database> db_;
  SQLite::Statement head_;
  SQLite::Statement after_;
  SQLite::Statement stream_;
  SQLite::Statement category_;
};

constexpr std::int32_t events_application_id = 0x63737266;  // "csrf"

/// Turns SQLite's complaint at opening `file` into a sentence.
[[noreturn]] void throw_unopened(const std::filesystem::path& file, const SQLite::Exception&);

}  // namespace csrflow::store
