// The answer to a list: at once when it is short, else page by page as fast as the client reads, so that
// memory does not grow with the list.
#pragma once

#include "api/call.hpp"
#include "api/table.hpp"
#include "api/watch_events.hpp"

namespace csrflow::api {

/// What a list asks for, checked.
struct ListRequest {
  std::optional<engine::Position> at;  ///< whose state is wanted; nothing: the newest
  std::string name_after;
  std::optional<std::size_t> limit;
  WatchSelector selector;
  bool selects = false;  ///< has it a selector?
  IncludeObject include = IncludeObject::metadata;
};

/// What goes with the rows once the last of them are in `list`.
ListMeta meta_of(const engine::ObjectList& list, bool selects);

/// Answers a list of stored objects that is wanted as JSON. On a worker, which is given back between two
/// pages.
void answer_in_pages(const CallPtr&, ListRequest);

}  // namespace csrflow::api
