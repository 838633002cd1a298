// The forms in which rows are sent: lists, Tables, bare metadata, and the objects inside watch events. All
// are concatenations of what the views keep.
#pragma once

#include "api/media.hpp"
#include "api/query.hpp"
#include "api/resource.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

struct ListMeta {
  engine::Position resource_version;
  std::string continue_token;
  std::optional<std::uint64_t> remaining;
};

/// One object in the answer's shape. `now` gives the ages in a Table.
std::string object_document(const Resource&, const Answer&, IncludeObject, const engine::ObjectRow&,
                            engine::Timestamp now);
/// A list in the answer's shape, piece by piece; JSON text that is complete after the end.
class ListDocument {
 public:
  ListDocument(const Resource&, Answer, IncludeObject, engine::Timestamp now);

  /// With the metadata now, or, when it is only known after the rows, at the end.
  void begin(std::string& out, const std::optional<ListMeta>&);
  void add(std::string& out, std::span<const engine::ObjectRow>);
  void end(std::string& out, const std::optional<ListMeta>&);

 private:
  const Resource& resource_;
  const Answer answer_;
  const IncludeObject include_;
  const engine::Timestamp now_;
  bool first_ = true;
};
/// A list in the answer's shape.
std::string list_document(const Resource&, const Answer&, IncludeObject, std::span<const engine::ObjectRow>,
                          const ListMeta&, engine::Timestamp now);
/// The object of a watch event; in a Table only the first event of a stream carries the columns.
std::string event_object(const Resource&, const Answer&, IncludeObject, const engine::ObjectRow&, bool first,
                         engine::Timestamp now);
/// The object of a BOOKMARK event; `initial_end` marks the end of the initial events.
std::string bookmark_object(const Resource&, const Answer&, engine::Position, bool initial_end);
/// `{"type":"ADDED","object":…}` and a newline.
std::string watch_event(std::string_view type, std::string_view object);

/// `10m`, `24h`, `3y62d` (apimachinery util/duration.HumanDuration).
std::string human_duration(engine::Duration);
/// The age of something created at `creation`; `<unknown>` for 0.
std::string age(engine::Timestamp creation, engine::Timestamp now);

}  // namespace csrflow::api
