// The review kinds: a question in the body, the answer computed.
#include "api/access_review.hpp"
#include "api/handlers.hpp"
#include "api/reviews.hpp"
#include "api/write_call.hpp"

namespace csrflow::api {
namespace {

/// Accept, Content-Type and size; nothing when the call was refused. An answer is never a Table.
std::optional<Format> question_format(const CallPtr& call) {
  const auto format = read_body_format(call);
  call->form = {.format = call->form.format, .pretty = call->form.pretty};
  return format;
}

}  // namespace

void review_self(const CallPtr& call) {
  const auto format = question_format(call);
  if (!format) return;
  const auto decoded = decode_self_subject_review(*format, call->request().body);
  if (!decoded) return call->fail(decoded.error());
  call->send(201, self_subject_review_json(call->user(), call->core.deps.clock.now()));
}

void review_access(const CallPtr& call) {
  const auto format = question_format(call);
  if (!format) return;
  const auto& kind = *call->resource;
  const auto review = decode_access_review(kind, call->target.namespace_name, *format, call->request().body);
  if (!review) return call->fail(review.error());
  const bool own = &kind == &self_subject_access_reviews();
  const auto decision =
      call->core.deps.authorizer.decide(own ? call->user() : review->subject(), review->attributes());
  call->send(201, access_review_json(kind, *review, decision));
}

void review_rules(const CallPtr& call) {
  const auto format = question_format(call);
  if (!format) return;
  const auto asked = decode_rules_review(*format, call->request().body);
  if (!asked) return call->fail(asked.error());
  // All roles are cluster-wide: every namespace has the same answer.
  call->send(201, rules_review_json(call->core.deps.authorizer.rules_of(call->user())));
}

}  // namespace csrflow::api
