#include "api/expired_certificate.hpp"

#include "api/impersonation.hpp"
#include "api/own_document.hpp"
#include "api/whole_request.hpp"

namespace csrflow::api {
namespace {

bool is_reading(const Target& target) {
  return target.verb == "get" || target.verb == "list" || target.verb == "watch";
}

Status expired(const Call& call) {
  return status::unauthorized(
      "the client certificate of " + go_quote(call.user().user) + " expired " +
      engine::rfc3339_seconds(*call.expired_at) +
      ": it is good for nothing but its own rekey (POST …/certificatesigningrequests/NAME/rekey, which "
      "csrflow-agent does by itself within the grace); after that, get a token with `csrflow token create "
      "--agent HOST`, or ask for another certificate");
}

}  // namespace

std::optional<Status> refused_as_expired(const Call& call) {
  if (!call.expired_at) return std::nullopt;
  const Target& target = call.target;
  const bool rekey = target.verb == "create" && is_of_requests(target, "rekey");
  const bool reads_one = is_reading(target) && is_of_requests(target, "") && !target.name.empty();
  if ((rekey || reads_one) && !impersonates(call.request().headers)) return std::nullopt;
  return expired(call);
}

void only_successors(const CallPtr& call, std::move_only_function<void()> go_on) {
  if (!call->expired_at || !is_reading(call->target)) return go_on();
  with_whole_request(call, call->target.name, [call, go_on = std::move(go_on)](auto state) mutable {
    if (!state || !state->object || !state->predecessor || state->predecessor->claim)
      return call->fail(expired(*call));
    const auto& before = *state->predecessor;
    with_whole_request(call, before.name,
                       [call, uid = before.uid, go_on = std::move(go_on)](auto old) mutable {
                         const auto* certificate = old ? old->certificate_of(uid) : nullptr;
                         if (!certificate || !presents(call->user(), *certificate))
                           return call->fail(expired(*call));
                         go_on();
                       });
  });
}

}  // namespace csrflow::api
