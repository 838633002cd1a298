#include "store/timer_rows.hpp"

#include <SQLiteCpp/Column.h>

#include <tuple>

#include "store/error.hpp"

namespace csrflow::store {

bool in_order(const engine::Timer& before, const engine::Timer& after) {
  const auto key = [](const engine::Timer& t) {
    return std::tuple(t.due, t.cause, std::string_view(t.stream.text), name_of(t.kind), t.attempt);
  };
  return key(before) < key(after);
}

engine::TimerKind kind_in(const SQLite::Statement& row, int column) {
  const auto kind = engine::timer_kind(row.getColumn(column).getString());
  if (!kind) throw StoreError("views.db is damaged: " + kind.error());
  return *kind;
}

engine::Timer timer_in(const SQLite::Statement& row) {
  return {.kind = kind_in(row, 1),
          .stream = {row.getColumn(0).getString()},
          .cause = {static_cast<std::uint64_t>(row.getColumn(2).getInt64())},
          .attempt = static_cast<std::uint32_t>(row.getColumn(3).getInt64()),
          .due = {row.getColumn(4).getInt64()},
          .not_after = {row.getColumn(5).getInt64()}};
}

}  // namespace csrflow::store
