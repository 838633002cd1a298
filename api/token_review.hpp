// TokenReview: whose is this bearer token?
#pragma once

#include "api/body.hpp"
#include "engine/identity.hpp"

namespace csrflow::api {

/// Whom tokens are for when nobody says otherwise: kube-apiserver's default.
constexpr std::string_view api_audience = "https://kubernetes.default.svc.cluster.local";

/// Its metadata has no meaning; the answer repeats it.
struct TokenReviewSpec : SentObject {
  std::string token;
  std::vector<std::string> audiences;  ///< empty: the server's own
};

/// What became of the token: an identity, or why there is none.
struct TokenVerdict {
  std::shared_ptr<const engine::Identity> identity;
  std::vector<std::string> audiences;  ///< of those asked for, the server's
  std::string error;
};

/// 400 when the body is not one.
std::expected<TokenReviewSpec, Status> decode_token_review(Format, std::string_view body, FieldValidation);
/// 400 when it holds no token.
std::expected<void, Status> check_token_review(const TokenReviewSpec&);
std::string token_review_json(const TokenReviewSpec&, const TokenVerdict&);

}  // namespace csrflow::api
