// A directory with a log and views that follow it.
#pragma once

#include <SQLiteCpp/Database.h>

#include <sstream>

#include "store/event_log.hpp"
#include "store/projector.hpp"
#include "store/sha256.hpp"
#include "tests/store/history.hpp"
#include "tests/store/paper_requests.hpp"
#include "tests/store/temporary_directory.hpp"

namespace csrflow::store::test {

inline Projector::Options with_paper_requests() {
  Projector::Options options;
  options.maker = "csrflow test";
  options.requests = paper_forms;
  return options;
}

struct Installation {
  TemporaryDirectory temporary;
  DataDirectory directory{temporary.path()};
  SqliteEventLog log{directory, {.reserve_bytes = 0}};
  History history{log};
  Presenter presenter;
  Projector::Options options = with_paper_requests();
  std::optional<Projector> views;

  void start() { views.emplace(directory.files(), log, presenter, sha256, options); }
  void stop() { views.reset(); }

  engine::Position commit(const std::vector<Happening>& happenings) {
    const auto batch = history.commit(happenings);
    if (views) {
      views->committed(batch);
      wait_for(*views, history.head());
    }
    return history.head();
  }
  void jane_and_joe() {
    history.jane_and_joe([&](const auto& batch) { views->committed(batch); });
    wait_for(*views, history.head());
  }
  std::vector<std::string> names(engine::ListQuery query = {}) {
    query.resource = "certificatesigningrequests";
    std::vector<std::string> names;
    for (const auto& row : views->list(query).rows) names.push_back(row.name);
    return names;
  }
  std::string ask(const std::string& sql) {
    SQLite::Database db(directory.files().views().string(), SQLite::OPEN_READONLY);
    return db.execAndGet(sql).getString();
  }
  /// What somebody, or a bad disk, does to the file.
  void tamper(const std::string& sql) {
    SQLite::Database(directory.files().views().string(), SQLite::OPEN_READWRITE).exec(sql);
  }
};

}  // namespace csrflow::store::test
