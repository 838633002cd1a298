// Compares a table of two databases, row by row.
#pragma once

#include <SQLiteCpp/Database.h>

#include "store/replay.hpp"
#include "store/views.hpp"

namespace csrflow::store {

/// Both have the table in the same schema. `stored` is what is judged, `folded` what it should be.
TableReport compare(const ViewTable&, SQLite::Database& stored, SQLite::Database& folded);

}  // namespace csrflow::store
