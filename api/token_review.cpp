#include "api/token_review.hpp"

#include "api/meta_fields.hpp"
#include "api/protobuf.hpp"
#include "api/reviews.hpp"
#include "api/tree_body.hpp"
#include "engine/json_writer.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {

using engine::JsonObject;

namespace {

std::expected<TokenReviewSpec, Status> read_tree(Format format, std::string_view body) {
  const Resource& resource = token_reviews();
  const auto tree = parse_body(format, body);
  if (!tree) return std::unexpected(unrecognized(body, tree.error(), resource.kind));
  const auto cannot = [&](const std::string& why) {
    return std::unexpected(
        status::bad_request("TokenReview in version \"v1\" cannot be handled as a TokenReview: " + why));
  };
  try {
    const auto [api_version, kind] = type_of_tree(tree->value);
    if ((!kind.empty() && kind != resource.kind) ||
        (!api_version.empty() && api_version != resource.api_version())) {
      return cannot("no kind " + go_quote(kind) + " is registered for version " + go_quote(api_version) +
                    " in scheme \"csrflow\"");
    }
    TokenReviewSpec spec;
    FieldReader reader("TokenReview");
    reader.object(tree->value, "", [&](const std::string& name, const JsonValue& value) {
      if (name == "metadata") {
        SentObject sent;
        read_metadata(reader, value, sent);
        spec.meta = std::move(sent.meta);
      }
      if (name != "spec") return true;
      reader.object(value, name, [&](const std::string& key, const JsonValue& field) {
        if (key == "token") spec.token = reader.text(field, key);
        if (key == "audiences") spec.audiences = reader.texts(field, key);
        return true;
      });
      return true;
    });
    return spec;
  } catch (const FieldMismatch& mismatch) {
    return cannot(mismatch.message);
  }
}

}  // namespace

std::expected<TokenReviewSpec, Status> decode_token_review(Format format, std::string_view body) {
  auto spec = format == Format::protobuf ? token_review_from_protobuf(body) : read_tree(format, body);
  if (spec && spec->token.empty())
    return std::unexpected(status::bad_request("token is required for TokenReview in authentication"));
  return spec;
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
