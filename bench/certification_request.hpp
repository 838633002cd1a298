// What the clients ask for: a request over a new P-256 key.
#pragma once

#include "engine/types.hpp"

namespace csrflow::bench {

constexpr auto signer_name = "kubernetes.io/kube-apiserver-client";
constexpr int expiration_seconds = 86'400;
constexpr auto usage = "client auth";

/// PEM of a PKCS#10 with a new key and only a common name.
engine::Bytes certification_request(const std::string& common_name);

}  // namespace csrflow::bench
