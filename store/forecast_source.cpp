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

/// The signer of a row of certificate, or of one that has its stream and uid; a deleted request's is known,
/// too.
std::string signer_of(const std::string& row) {
  return "coalesce((SELECT json_extract(named.fields, '$.\"spec.signerName\"') FROM object named "
         "WHERE named.resource = 'certificatesigningrequests' AND named.name = substr(" +
         row + ".stream, 5) AND " + row + ".uid <> ''), 'csrflow')";
}

// What comes within the same minute is one: a minute changes no day's figure much, and a million rows become
// a few thousand.
//
// A timer's cause may be a policy or a job: the certificate is the last one of its stream that ends so. Of a
// bulk very many end in the same second, hence the + that keeps SQLite from looking there.
//
// From one rotation to the next it is from notBefore to the middle of the window, which ends when the
// rotation is overdue, and is 15 % of the lifetime unless a policy says otherwise. Of a short-lived
// certificate most of notBefore to notAfter may lie before its signing; what is left after a first rotation
// is a quarter of the usable lifetime or more.
std::string rotations_sql() {
  return R"(
    WITH coming AS (
      SELECT t.stream, t.kind, t.due, t.not_after,
             (SELECT max(c.signed_at) FROM certificate c
              WHERE c.stream = t.stream AND +c.not_after = t.not_after) AS signed_at
      FROM timer t WHERE t.kind IN ('rotate', 'rotate-retry')),
    live AS (
      SELECT coming.*, c.uid, c.not_before, c.not_after - c.not_before + 1000000 AS lifetime
      FROM coming JOIN certificate c ON c.signed_at = coming.signed_at)
    SELECT live.due / 60000000,
           CASE WHEN lifetime < 29100000000 AND live.kind = 'rotate' AND live.not_after > live.due
             THEN min(lifetime, 4 * (live.not_after - live.due)) * 27 / 40
             ELSE max(coalesce(late.due - not_before - lifetime * 3 / 40, lifetime * 27 / 40),
                      lifetime * 3 / 10) END,
           )" +
         signer_of("live") + R"(, count(*)
    FROM live LEFT JOIN timer late
      ON late.stream = live.stream AND late.kind = 'rotate-overdue' AND late.not_after = live.not_after
    GROUP BY 1, 2, 3)";
}

// While a successor is under way nothing else may be due.
std::string ends_sql() {
  return R"(
    SELECT u.not_after / 60000000,
           EXISTS (SELECT 1 FROM timer t
                   WHERE t.stream = c.stream AND t.kind IN ('rotate', 'rotate-retry', 'rotate-overdue')
                     AND t.not_after = c.not_after)
             OR (c.uid <> '' AND EXISTS (SELECT 1 FROM lineage l
                                         WHERE l.predecessor_uid = c.uid AND l.rotated_at IS NULL)),
           )" +
         signer_of("c") + R"(, count(*)
    FROM unreplaced u JOIN certificate c USING (signed_at) WHERE u.not_after > ?1 GROUP BY 1, 2, 3)";
}

engine::Timestamp minute(std::int64_t n) {
  return engine::from_seconds(n * 60);
}
std::uint64_t count_in(const SQLite::Statement& row) {
  return static_cast<std::uint64_t>(row.getColumn(3).getInt64());
}

std::vector<engine::ComingRotations> rotations_in(SQLite::Database& db) {
  std::vector<engine::ComingRotations> found;
  SQLite::Statement rows(db, rotations_sql());
  while (rows.executeStep())
    found.push_back({.due = minute(rows.getColumn(0).getInt64()),
                     .step = {rows.getColumn(1).getInt64()},
                     .count = count_in(rows),
                     .signer = rows.getColumn(2).getString()});
  return found;
}

std::vector<engine::ComingEnds> ends_in(SQLite::Database& db, engine::Timestamp now) {
  std::vector<engine::ComingEnds> found;
  SQLite::Statement rows(db, ends_sql());
  rows.bind(1, now.microseconds);
  while (rows.executeStep()) {
    const bool rotates = rows.getColumn(1).getInt() != 0;
    const auto count = count_in(rows);
    found.push_back({.at = minute(rows.getColumn(0).getInt64()),
                     .rotating = rotates ? count : 0,
                     .unattended = rotates ? 0 : count,
                     .signer = rows.getColumn(2).getString()});
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
  forecast.timers_pending = db->execAndGet("SELECT count(*) FROM timer_pass").getInt() > 0;
  return forecast;
}

}  // namespace csrflow::store
