// What clients see of a stream, whichever kind it is: the views, watches and answers work on this, and need
// not know what a request has that a role has not.
#pragma once

#include "engine/event.hpp"

namespace csrflow::engine {

/// Metadata of the stream's live object; null when there is none, or the stream holds no objects.
const ObjectMeta* live_meta(const State&);
/// Of the live object.
Position resource_version(const State&);
/// Its rendered tail (object_json.hpp) under `version`; 0 leaves the version out. There must be one.
std::string live_tail(const State&, Position version);

/// Is it one watch event and a new resourceVersion?
bool shows_object(const Event&);
/// Does the object go away with it?
bool deletes_object(const Event&);

}  // namespace csrflow::engine
