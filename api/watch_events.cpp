#include "api/watch_events.hpp"

#include <algorithm>

#include "api/presenter.hpp"
#include "api/resource.hpp"
#include "api/table.hpp"
#include "api/watch_frame.hpp"
#include "engine/shown_object.hpp"

namespace csrflow::api {
namespace {

std::string_view name_of(WatchEventType type) {
  switch (type) {
    case WatchEventType::added:
      return "ADDED";
    case WatchEventType::modified:
      return "MODIFIED";
    case WatchEventType::deleted:
      return "DELETED";
  }
  return "";
}

SharedBytes written(std::string_view type, const WatchForm& form, const std::string& object) {
  return std::make_shared<const std::string>(form.answer.format == Format::protobuf
                                                 ? protobuf_watch_event(type, object)
                                                 : watch_event(type, object));
}

SharedBytes line(std::string_view type, const WatchForm& form, const engine::ObjectRow& row, bool first,
                 engine::Timestamp now) {
  return written(type, form, event_object(*form.resource, form.answer, form.include, row, first, now));
}

}  // namespace

bool WatchSelector::matches(const engine::ObjectRow& row) const {
  return labels.matches(row.labels) && fields.matches(row.name, row.fields);
}

std::shared_ptr<WatchRecord> WatchRecord::of(const engine::Record& record) {
  if (!record.tail) return nullptr;
  auto made = std::make_shared<WatchRecord>();
  made->position_ = record.stamp.position;
  made->category_ = record.stamp.stream.collection();
  if (engine::live_meta(*record.before)) {
    // Leaving the selector and being deleted both show the state before, finalizers included.
    auto tail = engine::live_tail(*record.before, made->position_);
    made->before_ = object_row(*record.before, made->position_, std::move(tail));
  }
  if (engine::live_meta(*record.after))
    made->after_ = object_row(*record.after, made->position_, *record.tail);
  for (const auto* row : {&made->before_, &made->after_}) {
    if (*row) made->bytes_ += (*row)->tail.size() + (*row)->cells.size();
  }
  return made;
}

std::optional<WatchEventType> WatchRecord::type_for(const WatchSelector& selector) const {
  const bool was = before_ && selector.matches(*before_);
  const bool is = after_ && selector.matches(*after_);
  if (was && is) return WatchEventType::modified;
  if (is) return WatchEventType::added;
  if (was) return WatchEventType::deleted;
  return std::nullopt;
}

SharedBytes WatchRecord::event(WatchEventType type, const WatchForm& form, bool first,
                               engine::Timestamp now) {
  const auto& row = type == WatchEventType::deleted ? *before_ : *after_;
  if (first && form.answer.shape == Shape::table) return line(name_of(type), form, row, true, now);
  const auto same = std::ranges::find_if(rendered_, [&](const Rendered& known) {
    return known.type == type && known.format == form.answer.format && known.shape == form.answer.shape &&
           known.version == form.answer.version && known.include == form.include;
  });
  if (same != rendered_.end()) return same->bytes;
  rendered_.push_back({.type = type,
                       .format = form.answer.format,
                       .shape = form.answer.shape,
                       .version = form.answer.version,
                       .include = form.include,
                       .bytes = line(name_of(type), form, row, false, now)});
  return rendered_.back().bytes;
}

SharedBytes initial_event(const WatchForm& form, const engine::ObjectRow& row, bool first,
                          engine::Timestamp now) {
  return line("ADDED", form, row, first, now);
}

SharedBytes bookmark_event(const WatchForm& form, engine::Position position, bool initial_end) {
  return written("BOOKMARK", form, bookmark_object(*form.resource, form.answer, position, initial_end));
}

}  // namespace csrflow::api
