#include "api/reviews.hpp"

#include "api/meta_fields.hpp"
#include "api/protobuf.hpp"
#include "api/tree_body.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {

using engine::JsonObject;

void read_review(FieldReader& reader, const JsonValue& root, SentObject& sent,
                 const FieldReader::Field& member) {
  reader.object(root, "", [&](const std::string& key, const JsonValue& value) {
    if (key == "apiVersion") return sent.api_version = reader.text(value, key), true;
    if (key == "kind") return sent.kind = reader.text(value, key), true;
    if (key == "metadata") return read_metadata(reader, value, sent), true;
    return member(key, value);
  });
}

void read_user_info(FieldReader& reader, const JsonValue& value, std::string_view name) {
  reader.object(value, name, [&](const std::string& key, const JsonValue& field) {
    if (key == "username" || key == "uid") return reader.text(field, key), true;
    if (key == "groups") return reader.texts(field, key), true;
    if (key == "extra") return reader.lists_map(field, key), true;
    return false;
  });
}

namespace {

SentObject read_self_subject_review(const JsonValue& root, std::vector<std::string>& problems) {
  SentObject sent;
  FieldReader reader(self_subject_reviews().kind);
  read_review(reader, root, sent, [&](const std::string& member, const JsonValue& value) {
    if (member != "status") return false;
    reader.object(value, member, [&](const std::string& key, const JsonValue& field) {
      if (key == "userInfo") return read_user_info(reader, field, key), true;
      return false;
    });
    return true;
  });
  problems = std::move(reader.problems);
  return sent;
}

}  // namespace

std::expected<SentObject, Status> decode_self_subject_review(Format format, std::string_view body,
                                                             FieldValidation validation) {
  if (format == Format::protobuf) return self_subject_review_from_protobuf(body);
  return decode_tree<SentObject>(self_subject_reviews(), format, body, validation, read_self_subject_review);
}

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
