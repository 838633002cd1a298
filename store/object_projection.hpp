// The objects, ready to be sent; deleted ones stay as tombstones.
#pragma once

#include <SQLiteCpp/Statement.h>

#include <map>
#include <utility>

#include "engine/views.hpp"
#include "store/projection.hpp"

namespace csrflow::store {

class ObjectProjection final : public Projection {
 public:
  ObjectProjection(SQLite::Database&, const engine::ObjectPresenter&);
  void apply(const engine::Record&) override;
  void finish() override;

 private:
  struct Newest {
    engine::ObjectRow row;
    engine::Position position;
  };
  const engine::ObjectPresenter& presenter_;
  SQLite::Statement put_;
  // By resource and name: one write an object and batch, however often it changed.
  std::map<std::pair<std::string, std::string>, Newest> newest_;
};

}  // namespace csrflow::store
