// Jobs, and how far they are with each of their certificates: the latter only ever from the certificates' own
// events.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "store/projection.hpp"

namespace csrflow::store {

class JobProjection final : public Projection {
 public:
  /// Comes after the lineages, in which it looks.
  explicit JobProjection(SQLite::Database&);
  void apply(const engine::Record&) override;

 private:
  void apply(const engine::Record&, const engine::CsrEvent&);
  void add(const std::string& job, const engine::JobState&, const engine::JobTargets&, engine::Timestamp);

  bool any_ = false;  // is there a target? Until then a certificate's event costs nothing
  SQLite::Statement job_;
  SQLite::Statement target_;
  SQLite::Statement begun_;
  SQLite::Statement failed_;
  SQLite::Statement ended_;
};

}  // namespace csrflow::store
