// One transfer of libcurl, with its limits.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::notify {

constexpr engine::Duration connect_limit = engine::seconds(10);
constexpr std::size_t max_answer_bytes = 4096;  ///< what is kept of an answer

/// Belongs to one thread. TLS 1.2 or newer, certificates and names are always verified.
class Transfer {
 public:
  Transfer(std::stop_token, engine::Duration limit);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK)
      throw std::runtime_error("this libcurl lacks an option that csrflow needs");
  }
  void set(CURLoption option, const std::string& value) { set(option, value.c_str()); }
  /// PEM file of what the server must chain to; empty: what the machine trusts.
  void trust(const std::string& ca_file);

  CURLcode perform() { return curl_easy_perform(easy_.get()); }
  /// The last status of HTTP, or reply of SMTP; 0: none.
  long status() const;
  /// Seconds that an HTTP server asks to wait; 0: it does not.
  long retry_after() const;
  std::string problem(CURLcode) const;
  /// The body's first bytes.
  const std::string& answer() const { return answer_; }

 private:
  struct Cleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  static std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* self);
  static int stopped(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  std::unique_ptr<CURL, Cleanup> easy_;
  std::stop_token stop_;
  std::string answer_;
  std::array<char, CURL_ERROR_SIZE> problem_{};
};

/// A list of lines for libcurl.
class Lines {
 public:
  void add(const std::string& line);
  curl_slist* get() const { return list_.get(); }

 private:
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, Free> list_;
};

/// Where a URL leads to.
struct UrlPlace {
  std::string scheme, host;  ///< lower case; an IPv6 address in brackets
  std::string port;          ///< empty: the scheme's
  bool plain = true;         ///< nothing after the host
};
/// Nothing: that is no URL.
std::optional<UrlPlace> place_of(const std::string& url);
/// `localhost`, 127.0.0.0/8, `[::1]`: what never leaves the machine.
bool is_loopback(std::string_view host);

}  // namespace csrflow::notify
