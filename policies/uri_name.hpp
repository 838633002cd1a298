// URIs and their patterns, which signers need, too.
#pragma once

#include "engine/uri_name.hpp"

namespace csrflow::policies {

using engine::canonical_uri;
using engine::max_uri_bytes;
using engine::UriPattern;

}  // namespace csrflow::policies
