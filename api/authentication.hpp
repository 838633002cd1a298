// Who sends a request: client certificate, bearer token, or nobody.
#pragma once

#include <memory>
#include <optional>

#include "api/client_certificates.hpp"
#include "api/http.hpp"
#include "api/token_file.hpp"

namespace csrflow::api {

struct Authenticated {
  std::shared_ptr<const engine::Identity> identity;  ///< never null
  std::vector<std::string> warnings;                 ///< for `Warning: 299` headers
};

struct Authenticator {
  virtual ~Authenticator() = default;
  /// Nothing when the request presents a credential that is not good: 401. Thread-safe.
  virtual std::optional<Authenticated> authenticate(const Request&) const = 0;
};

/// Tries each in turn; the first success wins, a failure stands only when nothing succeeds, and a request
/// without any credential is `system:anonymous`.
class Authenticators final : public Authenticator {
 public:
  /// Either may be null.
  Authenticators(std::shared_ptr<const ClientCertificates>, std::shared_ptr<const TokenFile>);
  std::optional<Authenticated> authenticate(const Request&) const override;

 private:
  const std::shared_ptr<const ClientCertificates> certificates_;
  const std::shared_ptr<const TokenFile> tokens_;
  const std::shared_ptr<const engine::Identity> anonymous_;
};

namespace group {
constexpr std::string_view masters = "system:masters";
constexpr std::string_view authenticated = "system:authenticated";
constexpr std::string_view unauthenticated = "system:unauthenticated";
}  // namespace group

}  // namespace csrflow::api
