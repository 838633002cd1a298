#include "notify/notification_json.hpp"

#include "engine/json_writer.hpp"

namespace csrflow::notify {

std::string notification_json(const engine::Notification& n) {
  std::string out;
  {
    engine::JsonObject object(out);
    object.text("apiVersion", "csrflow.io/v1");
    object.text("kind", "Notification");
    object.text("id", n.id);
    object.text("event", name_of(n.kind));
    object.text("at", rfc3339_micro(n.at));
    object.number("position", static_cast<std::int64_t>(n.position.value));
    object.text("stream", n.stream);
    object.text("object", engine::StreamId{n.stream}.name());
    object.text("title", n.title);
    object.text("text", n.text);
  }
  return out;
}

}  // namespace csrflow::notify
