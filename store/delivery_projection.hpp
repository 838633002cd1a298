// Which notifications are not delivered, so that nobody has to look through all that ever were.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "store/projection.hpp"

namespace csrflow::store {

class DeliveryProjection final : public Projection {
 public:
  explicit DeliveryProjection(SQLite::Database&);
  void apply(const engine::Record&) override;

 private:
  SQLite::Statement put_;
  SQLite::Statement remove_;
};

}  // namespace csrflow::store
