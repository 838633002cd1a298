// The review kinds: a question in the body, the answer computed.
#include "api/handlers.hpp"
#include "api/reviews.hpp"

namespace csrflow::api {
namespace {

/// Accept, Content-Type and size; nothing when the call was refused.
std::optional<Format> body_of(const CallPtr& call) {
  auto form = negotiate(call->request().headers.get("Accept"), Reading::one, call->pretty);
  if (!form) {
    call->fail(form.error());
    return std::nullopt;
  }
  call->form = {.format = form->format, .pretty = form->pretty};
  const auto* type = call->request().headers.find("Content-Type");
  const auto format = body_format(type ? std::optional<std::string_view>(*type) : std::nullopt);
  if (!format) {
    call->fail(format.error());
    return std::nullopt;
  }
  if (call->request().body_too_large) {
    call->fail(status::too_large(max_body_bytes));
    return std::nullopt;
  }
  return *format;
}

Attributes attributes_of(const AccessReviewSpec& spec) {
  if (spec.non_resource) return {.verb = spec.non_resource->verb, .path = spec.non_resource->path};
  const auto& asked = *spec.resource;
  return {.verb = asked.verb,
          .group = asked.group,
          .resource = asked.resource,
          .subresource = asked.subresource,
          .name = asked.name,
          .namespace_name = asked.namespace_name,
          .path = {}};
}

}  // namespace

void review_self(const CallPtr& call) {
  const auto format = body_of(call);
  if (!format) return;
  const auto decoded = decode_self_subject_review(*format, call->request().body);
  if (!decoded) return call->fail(decoded.error());
  call->send(201, self_subject_review_json(call->user(), call->core.deps.clock.now()));
}

void review_own_access(const CallPtr& call) {
  const auto format = body_of(call);
  if (!format) return;
  const auto spec = decode_self_subject_access_review(*format, call->request().body);
  if (!spec) return call->fail(spec.error());
  const auto decision = call->core.deps.authorizer.decide(call->user(), attributes_of(*spec));
  call->send(201, self_subject_access_review_json(*spec, {.allowed = decision.access != Access::denied,
                                                          .reason = decision.reason,
                                                          .evaluation_error = decision.evaluation_error}));
}

}  // namespace csrflow::api
