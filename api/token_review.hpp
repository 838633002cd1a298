// TokenReview: whose is this bearer token?
#pragma once

#include "api/body.hpp"
#include "engine/identity.hpp"

namespace csrflow::api {

/// Whom tokens are for when nobody says otherwise: kube-apiserver's default.
constexpr std::string_view api_audience = "https://kubernetes.default.svc.cluster.local";

struct TokenReviewSpec {
  std::string token;
  std::vector<std::string> audiences;  ///< empty: the server's own
  engine::ObjectMeta meta = {};        ///< of no meaning; repeated in the answer
};

/// What became of the token: an identity, or why there is none.
struct TokenVerdict {
  std::shared_ptr<const engine::Identity> identity;
  std::vector<std::string> audiences;  ///< of those asked for, the server's
  std::string error;
};

/// 400 when the body is not one, or holds no token.
std::expected<TokenReviewSpec, Status> decode_token_review(Format, std::string_view body);
std::string token_review_json(const TokenReviewSpec&, const TokenVerdict&);

}  // namespace csrflow::api
