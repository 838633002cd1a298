// Format of a frame: the length in 4 bytes, big-endian, then a WatchEvent without an envelope:
//   WatchEvent {1 type, 2 object: RawExtension {1 raw}}, raw = `k8s\0` and the object's envelope.
#include "api/watch_frame.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "api/proto_message.hpp"
#include "api/protobuf.hpp"

namespace csrflow::api {

bool has_protobuf_form(std::string_view kind) {
  static constexpr std::array<std::string_view, 6> kinds = {
      "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding",
      "ClusterTrustBundle",        "Event",       "Namespace"};
  return std::ranges::find(kinds, kind) != kinds.end();
}

std::string protobuf_watch_event(std::string_view type, std::string_view object_json) {
  const auto object = protobuf_of_json(object_json);
  if (!object) throw std::logic_error("an object of a protobuf watch has no protobuf form");
  ProtoMessage raw, event;
  raw.text(1, *object);
  event.text(1, type);
  event.message(2, raw);
  std::string frame;
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>((event.bytes().size() >> shift) & 0xFF);
  return frame + event.bytes();
}

}  // namespace csrflow::api
