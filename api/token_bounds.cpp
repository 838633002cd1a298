#include "api/token_bounds.hpp"

#include "api/impersonation.hpp"
#include "api/own_document.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view prefix = "token:";

/// Null when the credential is no such token.
std::shared_ptr<const engine::TokenState> bounded_token(const TokenBook& tokens,
                                                        const engine::Identity& caller) {
  if (caller.by != engine::Authentication::token || !caller.credential.starts_with(prefix)) return nullptr;
  auto state = tokens.find(std::string_view(caller.credential).substr(prefix.size()));
  return state && state->token && state->token->bounded() ? state : nullptr;
}

/// What is left of a token that was used: its request, and what is needed to find the way to it. A creation
/// goes on to where it is refused in the log's order, or is recognised as the same.
bool is_left(const Target& target, const std::string& request) {
  if (!target.is_resource) return target.verb == "get";
  if (target.verb == "create" && is_of_requests(target, "") && target.name.empty()) return true;
  if (target.name != request) return false;
  const bool reads = target.verb == "get" || target.verb == "list" || target.verb == "watch";
  return (reads && is_of_requests(target, "")) ||
         (target.verb == "create" && is_of_requests(target, "installed"));
}

}  // namespace

bool is_bounded(const TokenBook& tokens, const engine::Identity& caller) {
  return bounded_token(tokens, caller) != nullptr;
}

std::optional<Status> refused_by_token(const Call& call) {
  const auto state = bounded_token(call.core.deps.followers.tokens, call.user());
  if (!state) return std::nullopt;
  const std::string named = "the token " + state->token->id;
  if (impersonates(call.request().headers))
    return status::forbidden(call.resource_name(), call.target.name,
                             named + " is bound to certain requests, and acts as nobody else");
  if (state->used_for.empty() || is_left(call.target, state->used_for)) return std::nullopt;
  return status::forbidden(call.resource_name(), call.target.name,
                           named + " was for a single use, and " + state->used_for +
                               " used it: it only shows that request; ask for another token");
}

std::optional<engine::Companion> use_of_token(const Call& call, const engine::CsrObject& object) {
  const auto state = bounded_token(call.core.deps.followers.tokens, call.user());
  if (!state) return std::nullopt;
  return engine::Companion{engine::stream_of("token", state->token->id),
                           engine::TokenCommand(engine::UseToken{.id = state->token->id,
                                                                 .request = object.meta.name,
                                                                 .request_uid = object.meta.uid,
                                                                 .signer = object.spec->signer_name})};
}

}  // namespace csrflow::api
