// The answer to a TokenReview: the token is tried as if it had come with a request.
#include <algorithm>

#include "api/handlers.hpp"
#include "api/review_question.hpp"
#include "api/token_bounds.hpp"
#include "api/token_review.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view bad_token = "invalid bearer token";

/// Every token is for the server itself, and for nobody else.
bool is_for_server(const TokenReviewSpec& spec) {
  return spec.audiences.empty() || std::ranges::find(spec.audiences, api_audience) != spec.audiences.end();
}

}  // namespace

void review_token(const CallPtr& call) {
  auto spec = decoded_question(call, decode_token_review);
  if (!spec) return;
  if (const auto asks = check_token_review(*spec); !asks) return call->fail(asks.error());
  if (!is_for_server(*spec))
    return call->send(201, token_review_json(*spec, {.error = std::string(bad_token)}));
  const auto probe = std::make_shared<Request>();
  probe->headers.add("Authorization", "Bearer " + spec->token);
  authenticated(call, probe, [call, spec = std::move(*spec)](Verdict verdict) {
    if (!verdict) return call->send(201, token_review_json(spec, {.error = verdict.error().why}));
    // For certain requests here, and for nothing elsewhere.
    if (is_bounded(call->core.deps.followers.tokens, *verdict->identity))
      return call->send(201, token_review_json(spec, {.error = std::string(bad_token)}));
    call->send(201, token_review_json(spec, {.identity = std::move(verdict->identity),
                                             .audiences = {std::string(api_audience)}}));
  });
}

}  // namespace csrflow::api
