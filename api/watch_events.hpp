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

/// One record that shows objects: that of its stream, and what it tells as a Kubernetes event. Belongs to one
/// thread at a time.
class WatchRecord {
 public:
  /// Nothing when the record shows nothing.
  static std::shared_ptr<WatchRecord> of(const engine::Record&);

  engine::Position position() const { return position_; }
  std::size_t bytes() const { return bytes_; }

  /// The event that this is for a watch: its bytes; null when it concerns it neither before nor after. Same
  /// forms share the same bytes; the first event of a stream of Tables is its own.
  SharedBytes event(const WatchForm&, const WatchSelector&, bool first, engine::Timestamp now);

 private:
  struct Rendered {
    WatchEventType type{};
    Format format{};
    Shape shape{};
    std::string version;
    IncludeObject include{};
    SharedBytes bytes;
  };

  /// What it does to the one object that it shows of a resource.
  struct Shown {
    const Resource* resource = nullptr;
    std::optional<engine::ObjectRow> before, after;  // both under this record's version
    std::vector<Rendered> rendered;
  };
  void add_object(const engine::Record&);
  void add_happening(const engine::Record&);
  static std::optional<WatchEventType> type_for(const Shown&, const WatchSelector&);
  static SharedBytes rendered(Shown&, WatchEventType, const WatchForm&, bool first, engine::Timestamp now);

  engine::Position position_;
  std::vector<Shown> shown_;
  std::size_t bytes_ = 0;
};

/// The event of an object that is there when the watch starts.
SharedBytes initial_event(const WatchForm&, const engine::ObjectRow&, bool first, engine::Timestamp now);
SharedBytes bookmark_event(const WatchForm&, engine::Position, bool initial_end);

}  // namespace csrflow::api
