#include "api/list_pages.hpp"

#include <algorithm>

namespace csrflow::api {

ListPages::ListPages(const Resource& resource, engine::ObjectViews& views, const engine::EventLog& log,
                     std::optional<engine::Position> at, engine::ListQuery query)
    : resource_(resource), views_(views), log_(log), at_(at), query_(std::move(query)) {}

engine::ObjectList ListPages::next() {
  auto page = query_;
  page.tail_bytes = page_tail_bytes;
  page.limit = std::min(page_rows, query_.limit.value_or(page_rows));
  page.count =
      query_.limit == page.limit;  // only what may be the last page of a limited list says what follows
  auto list = read(page);
  at_ = list.position;
  if (query_.limit) *query_.limit -= std::min(*query_.limit, list.rows.size());
  if (list.more) query_.name_after = list.reached.empty() ? list.rows.back().name : list.reached;
  done_ = !list.more || query_.limit == std::size_t{0};
  return list;
}

engine::ObjectList ListPages::read(const engine::ListQuery& page) {
  if (!snapshot_ && (!at_ || views_.position() == *at_)) {
    auto list = views_.list(page);
    if (!at_ || list.position == *at_) return list;
  }
  if (!snapshot_) snapshot_ = std::make_unique<Snapshot>(resource_, views_, log_, *at_);
  return snapshot_->list(page);
}

}  // namespace csrflow::api
