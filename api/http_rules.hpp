// What RFC 9112 wants of a request beyond its grammar, so that nobody before this server can read it
// otherwise.
#pragma once

#include <optional>

#include "api/http.hpp"

namespace csrflow::api {

/// HTTP/1.0 or HTTP/1.1.
enum class HttpVersion { v1_0, v1_1 };

/// A refusal by the server itself, before any handler.
struct RefusedRequest {
  int status;
  std::string_view text;
};

/// Reads path and query out of the target: origin-form and absolute-form (RFC 9112 3.2), `*` for OPTIONS.
/// False when it is none of these.
bool split_target(Request&);

/// Host (RFC 9112 3.2), framing of the body (6.1, 6.3), expectations (RFC 9110 10.1.1). Nothing: it may go
/// on.
std::optional<RefusedRequest> refused_request(const Request&, HttpVersion);

/// `OPTIONS *`: is there a server at all?
bool asks_for_nothing(const Request&);

}  // namespace csrflow::api
