// A list, page by page, all of it at one position, with memory for one page.
#pragma once

#include "api/snapshot.hpp"

namespace csrflow::api {

constexpr std::size_t page_rows = 1000;
constexpr std::size_t page_tail_bytes = 1024 * 1024;  // a page ends with the row that reaches it

/// Belongs to one thread at a time; blocks, so for workers. What it refers to outlives it. Throws what the
/// log or the views throw.
class ListPages {
 public:
  /// `query.limit` is of the whole list. `at`: the position; nothing: that of the first page.
  ListPages(const Resource&, engine::ObjectViews&, const engine::EventLog&,
            std::optional<engine::Position> at, engine::ListQuery query);

  /// The next page; `more` and `remaining` are the whole list's once it is done.
  engine::ObjectList next();
  /// Was the last page given?
  bool done() const { return done_; }

 private:
  engine::ObjectList read(const engine::ListQuery&);

  const Resource& resource_;
  engine::ObjectViews& views_;
  const engine::EventLog& log_;
  std::optional<engine::Position> at_;
  engine::ListQuery query_;             // of what was not yet given
  std::unique_ptr<Snapshot> snapshot_;  // once the views have moved past the position
  bool done_ = false;
};

}  // namespace csrflow::api
