// Watches in protobuf (k8s.io/apimachinery runtime/serializer/protobuf, LengthDelimitedFramer).
#pragma once

#include <string>
#include <string_view>

namespace csrflow::api {

/// Can objects of this kind be sent in protobuf?
bool has_protobuf_form(std::string_view kind);

/// A WatchEvent of such an object, given as JSON, in its frame. Throws std::logic_error for another kind.
std::string protobuf_watch_event(std::string_view type, std::string_view object_json);

}  // namespace csrflow::api
