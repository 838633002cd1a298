#include "policies/url.hpp"

#include <curl/curl.h>

#include <charconv>
#include <memory>
#include <new>

namespace csrflow::policies {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, UrlDeleter>;
struct TextDeleter {
  void operator()(char* text) const { curl_free(text); }
};

/// Empty: the URL has none.
std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, TextDeleter> held(text);
  return held.get();
}

std::vector<std::string> names_of(const std::string& query) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const std::string parameter = query.substr(begin, end - begin);
    names.push_back(parameter.substr(0, parameter.find('=')));
    begin = end + 1;
  }
  return names;
}

}  // namespace

std::expected<Url, std::string> parse_url(const std::string& text) {
  if (text.size() > max_url_bytes)
    return std::unexpected("is longer than " + std::to_string(max_url_bytes) + " bytes");
  // libcurl reads up to the first zero byte.
  if (text.find('\0') != std::string::npos) return std::unexpected("has a zero byte");
  const UrlHandle url(curl_url());
  if (!url) throw std::bad_alloc();
  if (const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
      code != CURLUE_OK)
    return std::unexpected(std::string("is no URL: ") + curl_url_strerror(code));
  Url read{
      .scheme = part(url.get(), CURLUPART_SCHEME),
      .user_info = !part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty(),
      .host = part(url.get(), CURLUPART_HOST),
      .path = part(url.get(), CURLUPART_PATH),
      .parameters = names_of(part(url.get(), CURLUPART_QUERY)),
      .fragment = !part(url.get(), CURLUPART_FRAGMENT).empty()};
  const std::string port = part(url.get(), CURLUPART_PORT);
  std::from_chars(port.data(), port.data() + port.size(), read.port);
  return read;
}

}  // namespace csrflow::policies
