// Reads the past that the views keep, beside a running server or with none running.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <memory>

#include "engine/past_requests.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// Each call is its own short transaction; what is written meanwhile is left out. Throws StoreError,
/// SQLite::Exception.
class SqlitePastSource final : public engine::PastSource {
 public:
  /// Throws StoreError when there are no views, or when they were made by a program that reads requests
  /// otherwise.
  explicit SqlitePastSource(const DataFiles&);

  void rewind() override { position_ = {}; }
  std::vector<engine::PastRow> next(std::size_t limit) override;
  engine::Position head() const override { return head_; }
  std::optional<Certificate> certificate(const std::string& request, const engine::Uid&) override;

 private:
  std::unique_ptr<SQLite::Database> db_;
  engine::Position head_;
  engine::Position position_;
  SQLite::Statement rows_;
  SQLite::Statement certificate_;
};

/// What stands in views.db for the program that made it and how it reads requests.
std::string maker_text(const std::string& program, bool reads_requests);

}  // namespace csrflow::store
