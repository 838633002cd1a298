#include "api/https_fetch.hpp"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>

namespace csrflow::api {
namespace {

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > longest_fetched_document) return 0;  // ends the transfer
  text.append(bytes, size * count);
  return size * count;
}

int stopped(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) != CURLE_OK)
    throw std::runtime_error("this libcurl lacks an option that csrflow needs");
}

}  // namespace

std::expected<std::string, std::string> fetch_https(const std::string& url, const std::string& authorities,
                                                    const std::stop_token& stop) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  const std::unique_ptr<CURL, FreeEasy> easy(started ? curl_easy_init() : nullptr);
  if (!easy) throw std::runtime_error("libcurl cannot be used");
  std::string body;
  std::stop_token token = stop;
  char problem[CURL_ERROR_SIZE] = {};
  set(easy.get(), CURLOPT_URL, url.c_str());
  set(easy.get(), CURLOPT_PROTOCOLS_STR, "https");
  set(easy.get(), CURLOPT_TIMEOUT, fetch_patience_seconds);
  set(easy.get(), CURLOPT_NOSIGNAL, 1L);
  set(easy.get(), CURLOPT_ERRORBUFFER, &problem[0]);
  set(easy.get(), CURLOPT_WRITEFUNCTION, &take);
  set(easy.get(), CURLOPT_WRITEDATA, static_cast<void*>(&body));
  set(easy.get(), CURLOPT_NOPROGRESS, 0L);
  set(easy.get(), CURLOPT_XFERINFOFUNCTION, &stopped);
  set(easy.get(), CURLOPT_XFERINFODATA, static_cast<void*>(&token));
  if (!authorities.empty()) {
    // libcurl only reads it.
    curl_blob blob{
        .data = const_cast<char*>(authorities.data()), .len = authorities.size(), .flags = CURL_BLOB_NOCOPY};
    set(easy.get(), CURLOPT_CAINFO_BLOB, &blob);
    set(easy.get(), CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (const auto code = curl_easy_perform(easy.get()); code != CURLE_OK)
    return std::unexpected(url + ": " + (problem[0] ? &problem[0] : curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return std::unexpected(url + ": status " + std::to_string(status));
  return body;
}

}  // namespace csrflow::api
