// Which certificates have no successor: those whose end matters.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "store/projection.hpp"

namespace csrflow::store {

class UnreplacedProjection final : public Projection {
 public:
  explicit UnreplacedProjection(SQLite::Database&);
  void apply(const engine::Record&) override;

 private:
  void apply(const engine::Record&, const engine::CsrEvent&);
  void apply(const engine::Record&, const engine::OwnEvent&);
  void add(engine::Position signed_at, engine::Timestamp not_after);
  void remove(engine::Position signed_at);
  SQLite::Statement add_;
  SQLite::Statement remove_;
};

}  // namespace csrflow::store
