#include "tools/api_client.hpp"

#include <curl/curl.h>

#include <memory>
#include <stdexcept>

namespace csrflow::tools {
namespace {

constexpr long patience_seconds = 30;
constexpr std::size_t longest_answer = 64 * 1024 * 1024;

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > longest_answer) return 0;  // ends the transfer
  text.append(bytes, size * count);
  return size * count;
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (curl_easy_setopt(handle, option, value) != CURLE_OK)
    throw std::runtime_error("this libcurl lacks an option that csrflow needs");
}

/// The PEM must live as long as the handle.
void set_blob(CURL* handle, CURLoption option, const std::string& pem) {
  if (pem.empty()) return;
  // libcurl only reads it.
  curl_blob blob{.data = const_cast<char*>(pem.data()), .len = pem.size(), .flags = CURL_BLOB_NOCOPY};
  set(handle, option, &blob);
}

void add(List& list, const std::string& field) {
  curl_slist* longer = curl_slist_append(list.get(), field.c_str());
  if (!longer) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

}  // namespace

std::expected<ApiAnswer, std::string> ask_server(const ServerLogin& login, const std::string& method,
                                                 const std::string& path, const std::string& body) {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  Easy easy(started ? curl_easy_init() : nullptr);
  if (!easy) throw std::runtime_error("libcurl cannot be used");
  ApiAnswer answer;
  List fields;
  add(fields, "Accept: application/json");
  add(fields, "Content-Type: application/json");
  if (!login.token.empty()) add(fields, "Authorization: Bearer " + login.token);
  char problem[CURL_ERROR_SIZE] = {};
  const std::string url = login.server + path;
  set(easy.get(), CURLOPT_URL, url.c_str());
  set(easy.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  set(easy.get(), CURLOPT_HTTPHEADER, fields.get());
  set(easy.get(), CURLOPT_PROTOCOLS_STR, "https");
  set(easy.get(), CURLOPT_TIMEOUT, patience_seconds);
  set(easy.get(), CURLOPT_NOSIGNAL, 1L);
  set(easy.get(), CURLOPT_PROXY, "");  // a credential belongs to the server alone
  set(easy.get(), CURLOPT_ERRORBUFFER, &problem[0]);
  set(easy.get(), CURLOPT_WRITEFUNCTION, &take);
  set(easy.get(), CURLOPT_WRITEDATA, static_cast<void*>(&answer.body));
  if (!body.empty()) {
    set(easy.get(), CURLOPT_POSTFIELDS, body.c_str());
    set(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  set_blob(easy.get(), CURLOPT_CAINFO_BLOB, login.authority);
  set_blob(easy.get(), CURLOPT_SSLCERT_BLOB, login.certificate);
  set_blob(easy.get(), CURLOPT_SSLKEY_BLOB, login.key);
  if (const auto code = curl_easy_perform(easy.get()); code != CURLE_OK)
    return std::unexpected(login.server + ": " + (problem[0] ? &problem[0] : curl_easy_strerror(code)));
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace csrflow::tools
