// The answers of the review kinds: nothing is stored, everything is computed.
#pragma once

#include "api/body.hpp"
#include "api/field_reader.hpp"
#include "engine/identity.hpp"

namespace csrflow::api {

/// apiVersion, kind and metadata of a review, and what `member` reads. Throws FieldMismatch.
void read_review(FieldReader&, const JsonValue& root, SentObject&, const FieldReader::Field& member);
/// A UserInfo of a status, which the server says: only its fields' types are looked at.
void read_user_info(FieldReader&, const JsonValue&, std::string_view name);

/// `{"username":…}`: authentication.k8s.io/v1 UserInfo.
void append_user_info(std::string& out, const engine::Identity&);

/// 400 when it is not one.
std::expected<SentObject, Status> decode_self_subject_review(Format, std::string_view body, FieldValidation);
std::string self_subject_review_json(const engine::Identity&, engine::Timestamp now);

}  // namespace csrflow::api
