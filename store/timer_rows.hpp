// Rows of the timers' view.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "engine/timers.hpp"

namespace csrflow::store {

/// `SELECT` of what `timer_in` reads, without conditions.
constexpr auto select_timers = "SELECT stream, kind, cause, attempt, due, not_after FROM timer ";
/// Ties are broken the same way on every machine.
constexpr auto in_due_order = " ORDER BY due, cause, kind, attempt";

/// The row at which the statement stands. Throws StoreError.
engine::Timer timer_in(const SQLite::Statement&);

}  // namespace csrflow::store
