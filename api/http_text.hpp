// HTTP/1.1 messages as text (RFC 9112): the head of an answer and the framing of a stream.
#pragma once

#include <ctime>
#include <span>
#include <string>
#include <string_view>

#include "api/http.hpp"

namespace csrflow::api {

enum class Framing {
  sized,         ///< Content-Length; the connection stays
  sized_last,    ///< Content-Length; the connection closes
  chunked,       ///< a stream; the connection stays
  chunked_last,  ///< a stream; the connection closes with it
  until_close    ///< a stream for HTTP/1.0, which knows no chunks: the end of the connection is its end
};

/// IMF-fixdate (RFC 9110 5.6.7).
std::string http_date(std::time_t);
/// 204 and 304 have no body (RFC 9110 6.4.1).
bool may_have_body(int status);
/// Status line, headers, Date and framing, with the blank line.
std::string response_head(const Response&, Framing);
/// The events as one chunk (RFC 9112 7.1).
void append_chunk(std::string& out, std::span<const SharedBytes> events);
constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace csrflow::api
