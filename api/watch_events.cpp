#include "api/watch_events.hpp"

#include <algorithm>

#include "api/happenings.hpp"
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
  auto made = std::make_shared<WatchRecord>();
  made->position_ = record.stamp.position;
  if (record.tail) made->add_object(record);
  made->add_happening(record);
  if (made->shown_.empty()) return nullptr;
  for (const Shown& shown : made->shown_) {
    for (const auto* row : {&shown.before, &shown.after}) {
      if (*row) made->bytes_ += (*row)->tail.size() + (*row)->cells.size();
    }
  }
  return made;
}

void WatchRecord::add_object(const engine::Record& record) {
  Shown shown{.resource = resource_of(record.stamp.stream), .before = {}, .after = {}, .rendered = {}};
  if (!shown.resource) return;
  if (engine::live_meta(*record.before)) {
    // Leaving the selector and being deleted both show the state before, finalizers included.
    auto tail = engine::live_tail(*record.before, position_);
    shown.before = object_row(*record.before, position_, std::move(tail));
  }
  if (engine::live_meta(*record.after)) shown.after = object_row(*record.after, position_, *record.tail);
  shown_.push_back(std::move(shown));
}

void WatchRecord::add_happening(const engine::Record& record) {
  for (const Resource* resource : {&core_events(), &grouped_events()}) {
    auto row = happening(*resource, record);
    if (!row) return;
    shown_.push_back({.resource = resource, .before = {}, .after = std::move(row), .rendered = {}});
  }
}

SharedBytes WatchRecord::event(const WatchForm& form, const WatchSelector& selector, bool first,
                               engine::Timestamp now) {
  const auto shown = std::ranges::find(shown_, form.resource, &Shown::resource);
  if (shown == shown_.end()) return nullptr;
  const auto type = type_for(*shown, selector);
  return type ? rendered(*shown, *type, form, first, now) : nullptr;
}

std::optional<WatchEventType> WatchRecord::type_for(const Shown& shown, const WatchSelector& selector) {
  const bool was = shown.before && selector.matches(*shown.before);
  const bool is = shown.after && selector.matches(*shown.after);
  if (was && is) return WatchEventType::modified;
  if (is) return WatchEventType::added;
  if (was) return WatchEventType::deleted;
  return std::nullopt;
}

SharedBytes WatchRecord::rendered(Shown& shown, WatchEventType type, const WatchForm& form, bool first,
                                  engine::Timestamp now) {
  const auto& row = type == WatchEventType::deleted ? *shown.before : *shown.after;
  if (first && form.answer.shape == Shape::table) return line(name_of(type), form, row, true, now);
  const auto same = std::ranges::find_if(shown.rendered, [&](const Rendered& known) {
    return known.type == type && known.format == form.answer.format && known.shape == form.answer.shape &&
           known.version == form.answer.version && known.include == form.include;
  });
  if (same != shown.rendered.end()) return same->bytes;
  shown.rendered.push_back({.type = type,
                            .format = form.answer.format,
                            .shape = form.answer.shape,
                            .version = form.answer.version,
                            .include = form.include,
                            .bytes = line(name_of(type), form, row, false, now)});
  return shown.rendered.back().bytes;
}

SharedBytes initial_event(const WatchForm& form, const engine::ObjectRow& row, bool first,
                          engine::Timestamp now) {
  return line("ADDED", form, row, first, now);
}

SharedBytes bookmark_event(const WatchForm& form, engine::Position position, bool initial_end) {
  return written("BOOKMARK", form, bookmark_object(*form.resource, form.answer, position, initial_end));
}

}  // namespace csrflow::api
