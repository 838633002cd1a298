// Small documents of csrflow's own that are sent to subresources: {"apiVersion":"csrflow.io/v1","kind":…,
// "spec":{…}}.
#pragma once

#include "api/call.hpp"
#include "api/field_reader.hpp"

namespace csrflow::api {

/// Reads a field of `spec`, and is told whether it knows it.
using SpecField = std::function<bool(FieldReader&, const std::string& key, const JsonValue& value)>;

/// The document in the call's body; apiVersion and kind may be left out. The answer's Warning headers name
/// what is unknown. False: the call was refused (400, 415), as no such document.
bool read_own_document(const CallPtr&, std::string_view kind, const SpecField&);

/// Is the target this subresource of certificatesigningrequests?
bool is_of_requests(const Target&, std::string_view subresource);

}  // namespace csrflow::api
