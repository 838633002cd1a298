// Who sends a request: client certificate, bearer token, or nobody.
#pragma once

#include <expected>
#include <functional>
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

/// Why a credential is not good.
struct Rejection {
  std::string why;  ///< for a TokenReview; never shows the credential
  /// Set when a key that may settle it is on its way: calls back on another thread once it is there, or once
  /// it is known that there is none. What is asked again then is settled.
  std::function<void(std::move_only_function<void()>)> wait;
  /// The credential is a client certificate that is good but for having expired, and no token came with it:
  /// its own rekey is still open to it (expired_certificate.hpp).
  std::optional<ClientCertificates::Expired> expired = {};
};

using Verdict = std::expected<Authenticated, Rejection>;

struct Authenticator {
  virtual ~Authenticator() = default;
  /// A rejection when the request presents a credential that is not good: 401. Thread-safe, does not block.
  virtual Verdict authenticate(const Request&) const = 0;
};

/// One kind of bearer tokens. Thread-safe.
struct BearerTokens {
  virtual ~BearerTokens() = default;
  /// Null: not a token of this kind, another may know it.
  virtual std::expected<std::shared_ptr<const engine::Identity>, Rejection> identify(
      std::string_view token) const = 0;
};

enum class Anonymous { allowed, refused };

/// Tries each in turn; the first success wins, a failure stands only when nothing succeeds, and a request
/// without any credential is `system:anonymous` where that is allowed.
class Authenticators final : public Authenticator {
 public:
  /// Any pointer may be null.
  Authenticators(std::shared_ptr<const ClientCertificates>, std::shared_ptr<const TokenFile>,
                 std::vector<std::shared_ptr<const BearerTokens>> = {}, Anonymous = Anonymous::allowed);
  Verdict authenticate(const Request&) const override;

 private:
  std::expected<std::shared_ptr<const engine::Identity>, Rejection> identify(std::string_view token) const;

  const std::shared_ptr<const ClientCertificates> certificates_;
  const std::shared_ptr<const TokenFile> tokens_;
  const std::vector<std::shared_ptr<const BearerTokens>> further_;
  const std::shared_ptr<const engine::Identity> anonymous_;  // null: refused
};

namespace group {
constexpr std::string_view masters = "system:masters";
constexpr std::string_view authenticated = "system:authenticated";
constexpr std::string_view unauthenticated = "system:unauthenticated";
}  // namespace group

}  // namespace csrflow::api
