// Jobs as the views have them.
#pragma once

#include <SQLiteCpp/Statement.h>

#include <memory>

#include "engine/job_source.hpp"
#include "engine/views.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// Belongs to one thread at a time. Throws SQLite::Exception, StoreError.
class SqliteJobSource final : public engine::JobSource {
 public:
  /// `views` is the projector of the same directory; it outlives this.
  SqliteJobSource(const DataFiles&, engine::ObjectViews& views);

  void reach(engine::Position) override;
  std::vector<engine::JobEntry> jobs(bool all) override;
  std::optional<engine::JobEntry> job(const std::string& name) override;
  std::vector<engine::JobStep> due(const std::string& job, std::uint32_t stage, const engine::TargetCursor&,
                                   engine::Duration passed, std::size_t limit) override;
  std::vector<engine::JobStep> retries(const std::string& job, std::uint32_t stage,
                                       engine::Timestamp failed_before, engine::Duration passed,
                                       std::size_t limit) override;
  engine::StageProgress progress(const std::string& job, std::uint32_t stage,
                                 const engine::StageMoment&) override;
  std::vector<std::string> missing(const std::string& job, std::size_t limit) override;

 private:
  engine::ObjectViews& views_;
  std::unique_ptr<SQLite::Database> db_;
  SQLite::Statement jobs_;
  SQLite::Statement job_;
  SQLite::Statement due_;
  SQLite::Statement retries_;
  SQLite::Statement phases_;
  SQLite::Statement failed_;
  SQLite::Statement late_;
  SQLite::Statement unbegun_;
  SQLite::Statement missing_;
};

}  // namespace csrflow::store
