// The review kinds: a question in the body, the answer computed.
#include "api/access_review.hpp"
#include "api/handlers.hpp"
#include "api/review_question.hpp"
#include "api/reviews.hpp"

namespace csrflow::api {

void review_self(const CallPtr& call) {
  const auto sent = decoded_question(call, decode_self_subject_review);
  if (!sent) return;
  call->send(201, self_subject_review_json(call->user(), call->core.deps.clock.now()));
}

void review_access(const CallPtr& call) {
  const auto& kind = *call->resource;
  auto sent = decoded_question(call, [&](Format format, std::string_view body, FieldValidation validation) {
    return decode_access_review(kind, format, body, validation);
  });
  if (!sent) return;
  const auto review = check_access_review(kind, call->target.namespace_name, std::move(*sent));
  if (!review) return call->fail(review.error());
  const bool own = &kind == &self_subject_access_reviews();
  const auto decision =
      call->core.deps.authorizer.decide(own ? call->user() : review->subject(), review->attributes());
  call->send(201, access_review_json(kind, *review, decision));
}

void review_rules(const CallPtr& call) {
  const auto sent = decoded_question(call, decode_rules_review);
  if (!sent) return;
  if (const auto complete = check_rules_review(*sent); !complete) return call->fail(complete.error());
  // All roles are cluster-wide: every namespace has the same answer.
  call->send(201, rules_review_json(call->core.deps.authorizer.rules_of(call->user())));
}

}  // namespace csrflow::api
