// What a record of the log is to watches: an event per selector, rendered once and shared.
#pragma once

#include <optional>

#include "api/http.hpp"
#include "api/media.hpp"
#include "api/query.hpp"
#include "api/selector.hpp"
#include "engine/record.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

struct Resource;

/// How a watch wants its events.
struct WatchForm {
  const Resource* resource = nullptr;
  Answer answer;
  IncludeObject include = IncludeObject::metadata;
};

struct WatchSelector {
  LabelSelector labels;
  FieldSelector fields;
  bool matches(const engine::ObjectRow&) const;
};

enum class WatchEventType { added, modified, deleted };

/// One record that shows an object. Belongs to one thread at a time.
class WatchRecord {
 public:
  /// Nothing when the record shows no object.
  static std::shared_ptr<WatchRecord> of(const engine::Record&);

  engine::Position position() const { return position_; }
  std::size_t bytes() const { return bytes_; }
  const std::string& stream_category() const { return category_; }

  /// What it is for this selector; nothing when it concerns it neither before nor after.
  std::optional<WatchEventType> type_for(const WatchSelector&) const;
  /// The event's bytes. Same forms share the same bytes; the first event of a stream of Tables is its own.
  SharedBytes event(WatchEventType, const WatchForm&, bool first, engine::Timestamp now);

 private:
  struct Rendered {
    WatchEventType type{};
    Format format{};
    Shape shape{};
    std::string version;
    IncludeObject include{};
    SharedBytes bytes;
  };

  engine::Position position_;
  std::string category_;
  std::optional<engine::ObjectRow> before_, after_;  // both under this record's version
  std::size_t bytes_ = 0;
  std::vector<Rendered> rendered_;
};

/// The event of an object that is there when the watch starts.
SharedBytes initial_event(const WatchForm&, const engine::ObjectRow&, bool first, engine::Timestamp now);
SharedBytes bookmark_event(const WatchForm&, engine::Position, bool initial_end);

}  // namespace csrflow::api
