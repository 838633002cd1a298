// How many requests are in which state, so that nobody has to count them.
#pragma once

#include <SQLiteCpp/Statement.h>

#include <map>

#include "store/projection.hpp"

namespace csrflow::store {

class CountProjection final : public Projection {
 public:
  explicit CountProjection(SQLite::Database&);
  void apply(const engine::Record&) override;
  void finish() override;

 private:
  using Group = std::pair<std::string, std::string_view>;  // signer and state
  void add(const engine::CsrState&, std::int64_t);
  SQLite::Statement change_;
  SQLite::Statement drop_;
  std::map<Group, std::int64_t> changes_;  // of this batch
};

}  // namespace csrflow::store
