#include "api/reviews.hpp"

#include "engine/json_writer.hpp"

namespace csrflow::api {

using engine::JsonObject;

namespace {

void append_question(std::string& out, const AccessReviewSpec& spec) {
  JsonObject question(out);
  if (spec.resource) {
    JsonObject attributes(question.key("resourceAttributes"));
    attributes.text_if("namespace", spec.resource->namespace_name);
    attributes.text_if("verb", spec.resource->verb);
    attributes.text_if("group", spec.resource->group);
    attributes.text_if("version", spec.resource->version);
    attributes.text_if("resource", spec.resource->resource);
    attributes.text_if("subresource", spec.resource->subresource);
    attributes.text_if("name", spec.resource->name);
  }
  if (spec.non_resource) {
    JsonObject attributes(question.key("nonResourceAttributes"));
    attributes.text_if("path", spec.non_resource->path);
    attributes.text_if("verb", spec.non_resource->verb);
  }
}

}  // namespace

void append_user_info(std::string& out, const engine::Identity& identity) {
  JsonObject user(out);
  user.text_if("username", identity.user);
  user.text_if("uid", identity.uid);
  if (!identity.groups.empty()) user.texts("groups", identity.groups);
  if (identity.extra.empty()) return;
  JsonObject extra(user.key("extra"));
  for (const auto& [key, values] : identity.extra) extra.texts(key, values);
}

std::string self_subject_review_json(const engine::Identity& identity, engine::Timestamp now) {
  std::string out = self_subject_reviews().object_head();
  out +=
      R"("metadata":{"creationTimestamp":")" + engine::rfc3339_seconds(now) + R"("},"status":{"userInfo":)";
  append_user_info(out, identity);
  return out + "}}";
}

std::string self_subject_access_review_json(const AccessReviewSpec& spec, const AccessVerdict& verdict) {
  std::string out = self_subject_access_reviews().object_head() + R"("metadata":{},"spec":)";
  append_question(out, spec);
  out += R"(,"status":)";
  {
    JsonObject status(out);
    status.boolean("allowed", verdict.allowed);
    status.text_if("reason", verdict.reason);
    status.text_if("evaluationError", verdict.evaluation_error);
  }
  return out + "}";
}

}  // namespace csrflow::api
