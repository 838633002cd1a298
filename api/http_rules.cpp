#include "api/http_rules.hpp"

#include <algorithm>

namespace csrflow::api {
namespace {

constexpr std::string_view bad_request = "Bad Request";

bool same_word(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case,
                            [](char sent, char wanted) { return sent == wanted || (sent | 0x20) == wanted; });
}

/// What follows `https://` or `http://`; nothing when the target does not begin so.
std::optional<std::string_view> after_scheme(std::string_view target) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (same_word(target.substr(0, scheme.size()), scheme)) return target.substr(scheme.size());
  return std::nullopt;
}

}  // namespace

bool split_target(Request& request) {
  std::string_view target = request.target;
  if (asks_for_nothing(request)) {
    request.path = target;
    return true;
  }
  std::string from_root;
  if (const auto rest = after_scheme(target)) {
    const auto end = std::min(rest->find_first_of("/?"), rest->size());
    if (end == 0) return false;
    from_root = rest->substr(end);
    if (!from_root.starts_with('/')) from_root.insert(0, 1, '/');
    target = from_root;
  }
  if (!target.starts_with('/')) return false;
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  return true;
}

std::optional<RefusedRequest> refused_request(const Request& request, HttpVersion version) {
  const auto hosts = request.headers.all("Host").size();
  if (hosts > 1) return RefusedRequest{400, "Bad Request: too many Host headers"};
  if (hosts == 0 && version == HttpVersion::v1_1)
    return RefusedRequest{400, "Bad Request: missing required Host header"};
  // Twice the same length would be allowed; nobody honest sends it.
  const auto lengths = request.headers.all("Content-Length");
  const auto encodings = request.headers.all("Transfer-Encoding");
  if (lengths.size() > 1 || (!lengths.empty() && lengths.front().find(',') != std::string_view::npos))
    return RefusedRequest{400, bad_request};
  if (!encodings.empty() && (!lengths.empty() || version == HttpVersion::v1_0))
    return RefusedRequest{400, bad_request};
  if (encodings.size() > 1 || (!encodings.empty() && !same_word(encodings.front(), "chunked")))
    return RefusedRequest{501, "Unsupported transfer encoding"};
  const auto* expected = request.headers.find("Expect");
  if (expected && !same_word(*expected, "100-continue")) return RefusedRequest{417, "Expectation Failed"};
  return std::nullopt;
}

bool asks_for_nothing(const Request& request) {
  return request.target == "*" && request.method == "OPTIONS";
}

}  // namespace csrflow::api
