#include "api/http_text.hpp"

#include <array>

namespace csrflow::api {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 301:
      return "Moved Permanently";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Request Entity Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 501:
      return "Not Implemented";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Status";
  }
}

/// Computed once a second.
const std::string& date_now() {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != second || text.empty()) {
    text = http_date(now);
    second = now;
  }
  return text;
}

/// A value from a request may come back in a header: nothing in it ends the line.
void append_value(std::string& out, std::string_view value) {
  for (const char c : value)
    out += (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f ? ' ' : c;
}

}  // namespace

std::string http_date(std::time_t when) {
  std::tm utc{};
  gmtime_r(&when, &utc);
  std::array<char, 40> buffer{};
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string response_head(const Response& response, Framing framing) {
  std::string out;
  const std::size_t body = response.body ? response.body->size() : 0;
  const bool sized = framing == Framing::sized || framing == Framing::sized_last;
  out.reserve(512 + (sized ? body : 0));
  out.append("HTTP/1.1 ")
      .append(std::to_string(response.status))
      .append(" ")
      .append(reason_of(response.status));
  out += "\r\n";
  for (const auto& [name, value] : response.headers) {
    out.append(name).append(": ");
    append_value(out, value);
    out += "\r\n";
  }
  out.append("Date: ").append(date_now()).append("\r\n");
  if (framing == Framing::chunked || framing == Framing::chunked_last) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (sized && may_have_body(response.status)) {
    out.append("Content-Length: ").append(std::to_string(body)).append("\r\n");
  }
  const bool last = framing != Framing::sized && framing != Framing::chunked;
  if (last) out += "Connection: close\r\n";
  out += "\r\n";
  return out;
}

void append_chunk(std::string& out, std::span<const SharedBytes> events) {
  std::size_t bytes = 0;
  for (const auto& event : events) bytes += event->size();
  if (bytes == 0) return;  // a chunk of nothing would end the stream
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string size;
  for (std::size_t rest = bytes; rest > 0; rest /= 16) size.insert(size.begin(), digits[rest % 16]);
  out.reserve(out.size() + bytes + size.size() + 4);
  out.append(size).append("\r\n");
  for (const auto& event : events) out += *event;
  out += "\r\n";
}

}  // namespace csrflow::api
