// The answers of the review kinds: nothing is stored, everything is computed.
#pragma once

#include "api/body.hpp"
#include "engine/identity.hpp"

namespace csrflow::api {

/// `{"username":…}`: authentication.k8s.io/v1 UserInfo.
void append_user_info(std::string& out, const engine::Identity&);

std::string self_subject_review_json(const engine::Identity&, engine::Timestamp now);

}  // namespace csrflow::api
