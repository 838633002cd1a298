// Rows of the timers' view.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "engine/timers.hpp"

namespace csrflow::store {

/// `SELECT` of what `timer_in` reads, without conditions.
constexpr auto select_timers = "SELECT stream, kind, cause, attempt, due, not_after, added FROM timer ";
/// Ties are broken the same way on every machine.
constexpr auto in_due_order = " ORDER BY due, cause, stream, kind, attempt";

/// The same order.
bool in_order(const engine::Timer& before, const engine::Timer& after);

constexpr int added_column = 6;

/// Throws StoreError for another word.
engine::TimerKind kind_in(const SQLite::Statement&, int column);
/// The row at which the statement stands. Throws StoreError.
engine::Timer timer_in(const SQLite::Statement&);

}  // namespace csrflow::store
