// The answers of the review kinds: nothing is stored, everything is computed.
#pragma once

#include "api/body.hpp"
#include "engine/identity.hpp"

namespace csrflow::api {

/// What authorisation says of a question.
struct AccessVerdict {
  bool allowed = false;
  std::string reason, evaluation_error;
};

/// `{"username":…}`: authentication.k8s.io/v1 UserInfo.
void append_user_info(std::string& out, const engine::Identity&);

std::string self_subject_review_json(const engine::Identity&, engine::Timestamp now);
std::string self_subject_access_review_json(const AccessReviewSpec&, const AccessVerdict&);

}  // namespace csrflow::api
