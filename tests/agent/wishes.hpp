// What the tests' hosts ask for.
#pragma once

#include "agent/request.hpp"

namespace csrflow::agent::test {

inline CertificateWish web_wish() {
  return {.name = "web-1",
          .key = KeyKind::p256,
          .subject = {{"CN", "web-1"}, {"O", "example"}},
          .dns = {"web-1.example.com", "www.example.com"},
          .ip = {"10.0.0.7"},
          .email = {},
          .uri = {"spiffe://example.com/web-1"},
          .usages = {"digital signature", "server auth"}};
}

/// The request of a new key.
struct Asked {
  explicit Asked(const CertificateWish& wish)
      : key(PrivateKey::make(wish.key)), request(make_request(key, wish).value()) {}
  PrivateKey key;
  engine::Bytes request;
};

}  // namespace csrflow::agent::test
