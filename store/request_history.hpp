// Answers what policies ask of the past: from the views, and from memory for what they do not show yet.
#pragma once

#include <SQLiteCpp/Database.h>

#include "engine/recent_requests.hpp"
#include "engine/views.hpp"
#include "store/data_directory.hpp"
#include "store/past_projection.hpp"

namespace csrflow::store {

/// Follows the log beside the projector, so that its answers are exact as of the last commit. Belongs to the
/// writer's thread. Throws StoreError, SQLite::Exception when the views have failed.
class SqliteRequestHistory final : public engine::Follower, public engine::RequestHistory {
 public:
  /// `views` is the projector of the same directory, at the log's head, and has the same `forms`; both
  /// outlive this. Nothing is appended before it is constructed.
  SqliteRequestHistory(const DataFiles&, const engine::ObjectViews& views, engine::HashFunction,
                       RequestForms forms);

  void committed(const std::shared_ptr<const engine::Batch>&) override;

  std::uint64_t count(const engine::RequestGroup&, const engine::RequestSpan&) const override;
  std::vector<engine::KeyUse> key_uses(const std::string& spki_sha256,
                                       engine::Position before) const override;
  engine::Uid lineage_of(const engine::Uid& request) const override;

  /// Requests that it keeps in memory: those that the views have just not shown yet.
  std::size_t in_memory() const { return recent_.size(); }

 private:
  void note(const engine::Record&, const engine::Created&);
  engine::Position shown() const;
  std::uint64_t last_number(const engine::GroupKey&, engine::Timestamp until, engine::Position before) const;

  const engine::ObjectViews& views_;
  const engine::HashFunction hash_;
  const RequestForms forms_;
  engine::RecentRequests recent_;
  const std::unique_ptr<SQLite::Database> db_;
  mutable SQLite::Statement position_;
  mutable SQLite::Statement number_;
  mutable SQLite::Statement uses_;
  mutable SQLite::Statement lineage_;
};

}  // namespace csrflow::store
