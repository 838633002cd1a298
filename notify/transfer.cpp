#include "notify/transfer.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace csrflow::notify {
namespace {

long milliseconds(engine::Duration duration) {
  return static_cast<long>(duration.microseconds / 1000);
}

struct CleanUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct FreeText {
  void operator()(char* text) const { curl_free(text); }
};

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  const bool there = curl_url_get(url, which, &text, 0) == CURLUE_OK;
  const std::unique_ptr<char, FreeText> held(text);
  return there && held ? std::string(held.get()) : std::string();
}

}  // namespace

Transfer::Transfer(std::stop_token stop, engine::Duration limit) : stop_(std::move(stop)) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  easy_.reset(started ? curl_easy_init() : nullptr);
  if (!easy_) throw std::runtime_error("libcurl cannot be used");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(std::min(connect_limit, limit)));
  set(CURLOPT_TIMEOUT_MS, milliseconds(limit));
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_ERRORBUFFER, problem_.data());
  set(CURLOPT_WRITEFUNCTION, &Transfer::keep);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::stopped);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
}

void Transfer::trust(const std::string& ca_file) {
  if (ca_file.empty()) return;
  set(CURLOPT_CAINFO, ca_file);
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
}

long Transfer::status() const {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

long Transfer::retry_after() const {
  curl_off_t wait = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &wait);
  return static_cast<long>(wait);
}

std::string Transfer::problem(CURLcode code) const {
  return problem_[0] != '\0' ? problem_.data() : curl_easy_strerror(code);
}

std::size_t Transfer::keep(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& answer = static_cast<Transfer*>(self)->answer_;
  answer.append(bytes, std::min(size * count, max_answer_bytes - answer.size()));
  return size * count;
}

int Transfer::stopped(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const Transfer*>(self)->stop_.stop_requested() ? 1 : 0;
}

void Lines::add(const std::string& line) {
  curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list_.release());
  list_.reset(longer);
}

std::optional<UrlPlace> place_of(const std::string& url) {
  const std::unique_ptr<CURLU, CleanUrl> parsed(curl_url());
  if (!parsed ||
      curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return std::nullopt;
  UrlPlace place{.scheme = part(parsed.get(), CURLUPART_SCHEME),
                 .host = part(parsed.get(), CURLUPART_HOST),
                 .port = part(parsed.get(), CURLUPART_PORT)};
  std::ranges::transform(place.host, place.host.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string path = part(parsed.get(), CURLUPART_PATH);
  place.plain = (path.empty() || path == "/") && part(parsed.get(), CURLUPART_QUERY).empty() &&
                part(parsed.get(), CURLUPART_FRAGMENT).empty() && part(parsed.get(), CURLUPART_USER).empty();
  return place;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace csrflow::notify
