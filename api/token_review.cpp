#include "api/token_review.hpp"

#include "api/protobuf.hpp"
#include "api/reviews.hpp"
#include "api/tree_body.hpp"
#include "engine/json_writer.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {

using engine::JsonObject;

namespace {

void read_spec(FieldReader& reader, const JsonValue& value, TokenReviewSpec& spec) {
  reader.object(value, "spec", [&](const std::string& key, const JsonValue& field) {
    if (key == "token") return spec.token = reader.text(field, key), true;
    if (key == "audiences") return spec.audiences = reader.texts(field, key), true;
    return false;
  });
}

/// The server's to say; only its fields' types are looked at.
void read_status(FieldReader& reader, const JsonValue& value) {
  reader.object(value, "status", [&](const std::string& key, const JsonValue& field) {
    if (key == "authenticated") return reader.boolean(field, key), true;
    if (key == "user") return read_user_info(reader, field, key), true;
    if (key == "audiences") return reader.texts(field, key), true;
    if (key == "error") return reader.text(field, key), true;
    return false;
  });
}

TokenReviewSpec read_token_review(const JsonValue& root, std::vector<std::string>& problems) {
  TokenReviewSpec sent;
  FieldReader reader(token_reviews().kind);
  read_review(reader, root, sent, [&](const std::string& key, const JsonValue& value) {
    if (key == "spec") return read_spec(reader, value, sent), true;
    if (key == "status") return read_status(reader, value), true;
    return false;
  });
  problems = std::move(reader.problems);
  return sent;
}

}  // namespace

std::expected<TokenReviewSpec, Status> decode_token_review(Format format, std::string_view body,
                                                           FieldValidation validation) {
  if (format == Format::protobuf) return token_review_from_protobuf(body);
  return decode_tree<TokenReviewSpec>(token_reviews(), format, body, validation, read_token_review);
}

std::expected<void, Status> check_token_review(const TokenReviewSpec& sent) {
  if (sent.token.empty())
    return std::unexpected(status::bad_request("token is required for TokenReview in authentication"));
  return {};
}

std::string token_review_json(const TokenReviewSpec& spec, const TokenVerdict& verdict) {
  std::string out = token_reviews().object_head() + R"("metadata":)";
  engine::append_metadata_json(out, spec.meta, {});
  out += R"(,"spec":)";
  {
    JsonObject sent(out);
    sent.text_if("token", spec.token);
    if (!spec.audiences.empty()) sent.texts("audiences", spec.audiences);
  }
  out += R"(,"status":)";
  {
    JsonObject status(out);
    if (verdict.identity) status.boolean("authenticated", true);
    append_user_info(status.key("user"), verdict.identity ? *verdict.identity : engine::Identity{});
    if (!verdict.audiences.empty()) status.texts("audiences", verdict.audiences);
    status.text_if("error", verdict.error);
  }
  return out + "}";
}

}  // namespace csrflow::api
