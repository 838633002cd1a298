// What the views say of the whole at a look: numbers that are kept, or found through an index; never by going
// over all objects.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/types.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

struct RequestCount {
  std::string signer, state;
  std::uint64_t count = 0;
};

/// Timers of one kind that are due and not done.
struct DueTimers {
  std::string kind;
  std::uint64_t due = 0, late = 0;
};

/// What is due for longer is late.
constexpr engine::Duration late_after = engine::seconds(60);
/// Due timers are counted up to this.
constexpr std::int64_t most_looked_at = 10'000;

/// Notifications that are not delivered; counted up to `most_looked_at`.
struct OpenDeliveries {
  std::uint64_t waiting = 0;
  std::uint64_t dead = 0;  ///< tried again only when a person asks
};

struct StandingFigures {
  std::vector<RequestCount> requests;
  std::vector<DueTimers> timers;  ///< every kind, also those without any
  std::optional<engine::Timestamp> oldest_due;
  OpenDeliveries deliveries;
  std::uint64_t jobs_running = 0;
  /// When the first certificate ends that has no successor.
  std::optional<engine::Timestamp> next_expiry;
};

/// Belongs to one thread at a time. Throws SQLite::Exception.
class StandingReader {
 public:
  explicit StandingReader(const DataFiles&);
  StandingFigures read(engine::Timestamp now);

 private:
  std::vector<RequestCount> requests();
  std::vector<DueTimers> timers(engine::Timestamp now);
  OpenDeliveries deliveries();
  std::uint64_t jobs_running();
  std::optional<engine::Timestamp> instant(SQLite::Statement&, engine::Timestamp now);

  std::unique_ptr<SQLite::Database> db_;
  SQLite::Statement counts_;
  SQLite::Statement due_;
  SQLite::Statement oldest_;
  SQLite::Statement expiry_;
  SQLite::Statement deliveries_;
  SQLite::Statement jobs_;
};

}  // namespace csrflow::store
