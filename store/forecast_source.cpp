#include "store/forecast_source.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "store/error.hpp"
#include "store/event_reader.hpp"
#include "store/object_reader.hpp"
#include "store/sqlite.hpp"
#include "store/views_file.hpp"

namespace csrflow::store {
namespace {

// What comes within the same minute is one: a minute changes no day's figure much, and a million rows become
// a few thousand.
constexpr auto rotations_sql =
    "SELECT due / 60000000, lifetime, count(*) FROM ("
    // Of a short-lived certificate most of notBefore to notAfter may lie before its signing; what is left
    // after a first rotation is a quarter of the usable lifetime or more.
    "SELECT t.due AS due, CASE WHEN t.kind = 'rotate' AND t.not_after > t.due "
    "THEN min(c.not_after - c.not_before + 1000000, 4 * (t.not_after - t.due)) "
    "ELSE c.not_after - c.not_before + 1000000 END AS lifetime "
    "FROM timer t JOIN certificate c ON c.signed_at = t.cause WHERE t.kind IN ('rotate', 'rotate-retry')) "
    "GROUP BY 1, 2";

constexpr auto ends_sql =
    "SELECT u.not_after / 60000000, EXISTS (SELECT 1 FROM timer t WHERE t.stream = c.stream "
    "AND t.kind IN ('rotate', 'rotate-retry') AND t.cause = c.signed_at), count(*) "
    "FROM unreplaced u JOIN certificate c USING (signed_at) WHERE u.not_after > ?1 GROUP BY 1, 2";

engine::Timestamp minute(std::int64_t n) {
  return engine::from_seconds(n * 60);
}
std::uint64_t count_in(const SQLite::Statement& row) {
  return static_cast<std::uint64_t>(row.getColumn(2).getInt64());
}

std::vector<engine::ComingRotations> rotations_in(SQLite::Database& db) {
  std::vector<engine::ComingRotations> found;
  SQLite::Statement rows(db, rotations_sql);
  while (rows.executeStep())
    found.push_back({.due = minute(rows.getColumn(0).getInt64()),
                     .lifetime = {rows.getColumn(1).getInt64()},
                     .count = count_in(rows)});
  return found;
}

std::vector<engine::ComingEnds> ends_in(SQLite::Database& db, engine::Timestamp now) {
  std::vector<engine::ComingEnds> found;
  SQLite::Statement rows(db, ends_sql);
  rows.bind(1, now.microseconds);
  while (rows.executeStep()) {
    const bool rotates = rows.getColumn(1).getInt() != 0;
    const auto count = count_in(rows);
    found.push_back({.at = minute(rows.getColumn(0).getInt64()),
                     .rotating = rotates ? count : 0,
                     .unattended = rotates ? 0 : count});
  }
  return found;
}

}  // namespace

engine::Forecast read_forecast(const DataFiles& files, engine::Timestamp now, unsigned days) {
  if (!std::filesystem::exists(files.views()))
    throw StoreError("there are no views in " + files.directory.string() + ": `csrflow serve` makes them");
  const auto db = open_views(files);
  const ReadTransaction transaction(*db);
  if (const auto why = why_untrusted(*db, SqliteEventReader(files).head()); !why.empty())
    throw StoreError("the views cannot be used: " + why + "; `csrflow serve` makes them anew");
  auto forecast = engine::forecast(now, days, rotations_in(*db), ends_in(*db, now));
  forecast.position = {static_cast<std::uint64_t>(db->execAndGet("SELECT position FROM reached").getInt64())};
  return forecast;
}

}  // namespace csrflow::store
