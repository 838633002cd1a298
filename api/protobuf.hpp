// Kubernetes' protobuf bodies: `k8s\0` and a runtime.Unknown around the object (api/k8s.proto).
#pragma once

#include "api/access_review.hpp"
#include "api/body.hpp"
#include "api/token_review.hpp"

namespace csrflow::api {

// Each is a 400 when the bytes are not what they should be, or hold text that is not UTF-8.
std::expected<DecodedCsr, Status> csr_from_protobuf(std::string_view body);
/// Of a configuration resource; 415 for one that has no protobuf form.
std::expected<DecodedConfig, Status> config_from_protobuf(const Resource&, std::string_view body);
std::expected<DecodedDeleteOptions, Status> delete_options_from_protobuf(std::string_view body);
/// One of the three access reviews, not checked yet.
std::expected<SentAccessReview, Status> access_review_from_protobuf(const Resource&, std::string_view body);
std::expected<SentRulesReview, Status> rules_review_from_protobuf(std::string_view body);
std::expected<SentObject, Status> self_subject_review_from_protobuf(std::string_view body);
std::expected<TokenReviewSpec, Status> token_review_from_protobuf(std::string_view body);

/// An object, a list of them, a TokenReview or a Status, given as the JSON that would be sent; nothing for a
/// kind without a protobuf form.
std::optional<std::string> protobuf_of_json(std::string_view json);

}  // namespace csrflow::api
