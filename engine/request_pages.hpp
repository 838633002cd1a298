// Goes through all requests by way of the views, a page at a time, so that none of it depends on their
// number.
#pragma once

#include <stop_token>

#include "engine/views.hpp"

namespace csrflow::engine {

constexpr std::size_t requests_a_page = 500;

/// The views' own word for a request without a decision; the state in the log has the last one. For rows that
/// a list gave: what ListQuery::matches is shown has no cells.
inline bool looks_undecided(const ObjectRow& row) {
  return row.cells.find("\"Pending") != std::string::npos;
}

/// Calls `act(row)` for each live request, by name, until `stop`.
template <class Act>
void for_each_request(ObjectViews& views, std::stop_token stop, Act act) {
  ListQuery query{.resource = "certificatesigningrequests",
                  .name_after = {},
                  .name = std::nullopt,
                  .matches = nullptr,
                  .limit = requests_a_page};
  for (bool more = true; more && !stop.stop_requested();) {
    const ObjectList list = views.list(query);
    more = list.more && !list.rows.empty();
    if (more) query.name_after = list.rows.back().name;
    for (const ObjectRow& row : list.rows) {
      if (stop.stop_requested()) return;
      act(row);
    }
  }
}

}  // namespace csrflow::engine
