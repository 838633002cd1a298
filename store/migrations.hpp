// The numbered .sql files of migrations/, embedded: number n is element n − 1, and the schema's version
// (`PRAGMA user_version`) is how many were applied.
#pragma once

#include <string_view>
#include <vector>

namespace csrflow::store {

extern const std::vector<std::string_view> event_migrations;
extern const std::vector<std::string_view> view_migrations;

}  // namespace csrflow::store
