#include "store/replay.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

#include "engine/streams.hpp"
#include "store/error.hpp"
#include "store/event_reader.hpp"
#include "store/migrations.hpp"
#include "store/object_reader.hpp"
#include "store/sqlite.hpp"
#include "store/table_comparison.hpp"
#include "store/views.hpp"

namespace csrflow::store {
namespace {

constexpr std::chrono::milliseconds look_again{20};
constexpr std::size_t events_per_step = 2048;
constexpr std::size_t cached_streams = 65'536;

engine::Position position_of(SQLite::Database& views) {
  return {static_cast<std::uint64_t>(views.execAndGet("SELECT position FROM reached").getInt64())};
}

std::unique_ptr<SQLite::Database> opened_views(const DataFiles& files) {
  if (!std::filesystem::exists(files.views()))
    throw StoreError("there are no views in " + files.directory.string() +
                     ": the server makes them when it starts");
  try {
    auto db = open_views(files);
    check_schema(*db, views_application_id, view_migrations, false);
    return db;
  } catch (const SQLite::Exception& e) {
    throw StoreError(files.views().string() + " cannot be read (" + e.what() +
                     "): the server makes it anew when it starts");
  }
}

bool timers_pending(SQLite::Database& views) {
  return views.execAndGet("SELECT count(*) FROM timer_pass").getInt() > 0;
}

// The server is another process: all that can be done is to look again.
void wait_for_head(SQLite::Database& views, engine::Position head) {
  const auto end = std::chrono::steady_clock::now() + replay_patience;
  while ((position_of(views) < head || timers_pending(views)) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(look_again);
}

std::unique_ptr<SQLite::Database> empty_views() {
  auto db = std::make_unique<SQLite::Database>(
      ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX);
  create_schema(*db, views_application_id, view_migrations);
  return db;
}

}  // namespace

bool ReplayReport::equal() const {
  return std::all_of(tables.begin(), tables.end(), [](const TableReport& t) { return t.differing == 0; });
}

ReplayReport replay(const std::filesystem::path& directory, const engine::ObjectPresenter& presenter,
                    engine::HashFunction hash, RequestForms forms,
                    const std::function<void(engine::Position, engine::Position)>& progress,
                    const RulesAt& rules) {
  const auto files = existing_data_files(directory);
  SqliteEventReader log(files);
  const auto stored = opened_views(files);
  wait_for_head(*stored, log.head());
  const auto begin = std::chrono::steady_clock::now();

  const auto folded = empty_views();
  Views views(*folded, presenter, hash, forms, rules, std::make_unique<SqliteEventReader>(files));
  engine::RecordReader records(std::make_unique<SqliteEventReader>(files), {}, cached_streams);
  const auto fold_to = [&](engine::Position target) {
    while (views.position() < target) {
      const auto left = static_cast<std::size_t>(target.value - views.position().value);
      const auto batch = records.next(std::min(left, events_per_step));
      if (batch.empty())
        throw StoreError("views.db is ahead of the log: it shows position " + std::to_string(target.value) +
                         ", the log ends at " + std::to_string(views.position().value));
      views.apply(batch);
      if (views.timers_pending()) views.go_on();
      if (progress) progress(views.position(), target);
    }
  };
  // Most of it before the transaction begins, so that this is short.
  fold_to(position_of(*stored));
  const ReadTransaction transaction(*stored);
  fold_to(position_of(*stored));
  while (views.timers_pending()) views.go_on();

  ReplayReport report;
  report.position = views.position();
  report.events = views.position().value;
  report.timers_pending = timers_pending(*stored);
  for (const auto& table : view_tables())
    if (table.name != "timer" || !report.timers_pending)
      report.tables.push_back(compare(table, *stored, *folded));
  report.head = log.head();
  report.taken =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  return report;
}

}  // namespace csrflow::store
