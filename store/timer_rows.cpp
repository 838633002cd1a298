#include "store/timer_rows.hpp"

#include <SQLiteCpp/Column.h>

#include "store/error.hpp"

namespace csrflow::store {

engine::Timer timer_in(const SQLite::Statement& row) {
  const auto kind = engine::timer_kind(row.getColumn(1).getString());
  if (!kind) throw StoreError("views.db is damaged: " + kind.error());
  return {.kind = *kind,
          .stream = {row.getColumn(0).getString()},
          .cause = {static_cast<std::uint64_t>(row.getColumn(2).getInt64())},
          .attempt = static_cast<std::uint32_t>(row.getColumn(3).getInt64()),
          .due = {row.getColumn(4).getInt64()},
          .not_after = {row.getColumn(5).getInt64()}};
}

}  // namespace csrflow::store
