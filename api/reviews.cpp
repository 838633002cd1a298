#include "api/reviews.hpp"

#include "engine/json_writer.hpp"

namespace csrflow::api {

using engine::JsonObject;

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

}  // namespace csrflow::api
