// A PKCS#10 as the values that policies judge.
#pragma once

#include "engine/request_description.hpp"

namespace csrflow::signer {

/// Thread-safe. Reads what Kubernetes accepts, weak keys and odd names included.
class RequestReader : public engine::RequestReader {
 public:
  std::expected<engine::RequestDescription, std::string> describe(const engine::Bytes& pem) const override;
};

}  // namespace csrflow::signer
