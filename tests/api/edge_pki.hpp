// A certificate authority for tests, made anew in each run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/http.hpp"
#include "api/openssl_handles.hpp"

namespace csrflow::api::test {

/// A certificate with its key, as files would hold them.
struct Credential {
  std::string certificate, key;  // PEM
  std::string der;

  /// As a server sees it after the handshake.
  PeerCertificates presented() const { return {.chain = {der}, .digest = sha256_hex(der)}; }
};

struct Subject {
  std::string common_name;
  std::vector<std::string> organizations;
  std::string uid;  // the attribute 1.3.6.1.4.1.57683.2; none when empty
};

struct Wish {
  Subject subject;
  std::int64_t not_before = -300, not_after = 3600;  // seconds from now
  std::string usage = "clientAuth";                  // extended key usage; none when empty
  bool ca = false;
  long serial = 0;  // 0: the next
};

class Authority {
 public:
  explicit Authority(const std::string& name = "test CA");
  const std::string& pem() const { return self_.certificate; }
  Credential issue(const Wish&) const;

 private:
  CertificateHandle certificate_;
  KeyHandle key_;
  Credential self_;
};

inline Wish client(Subject subject) {
  return {.subject = std::move(subject)};
}
inline Wish server() {
  return {.subject = {.common_name = "127.0.0.1"}, .usage = "serverAuth"};
}

}  // namespace csrflow::api::test
