// What a job is planned from, from the views.
#pragma once

#include "engine/job_desk.hpp"
#include "engine/views.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// Belongs to one thread at a time. Throws SQLite::Exception, StoreError.
class SqliteCandidateSource final : public engine::CandidateSource {
 public:
  /// `views` is the projector of the same directory; it outlives this.
  SqliteCandidateSource(DataFiles files, engine::ObjectViews& views)
      : files_(std::move(files)), views_(views) {}

  void reach(engine::Position) override;
  std::vector<engine::JobCandidate> candidates(const engine::JobSelection&, engine::Timestamp now,
                                               std::size_t most) override;
  std::vector<std::uint64_t> steady_load(engine::Timestamp start, engine::Duration bucket,
                                         std::size_t buckets) override;

 private:
  const DataFiles files_;
  engine::ObjectViews& views_;
};

}  // namespace csrflow::store
