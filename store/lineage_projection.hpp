// Which request follows which: a row for each successor, completed once it was signed.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "store/projection.hpp"

namespace csrflow::store {

class LineageProjection final : public Projection {
 public:
  explicit LineageProjection(SQLite::Database&);
  void apply(const engine::Record&) override;

 private:
  void begin(const engine::Stamp&, const engine::Created&);
  void complete(const engine::Stamp&, const engine::Rotated&);
  SQLite::Statement begin_;
  SQLite::Statement complete_;
};

}  // namespace csrflow::store
