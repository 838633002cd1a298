#include "api/access_review.hpp"

#include "api/protobuf.hpp"
#include "api/tree_body.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

using engine::JsonObject;

// ---- reading ------------------------------------------------------------------------------------

AskedSelector read_selector(FieldReader& reader, const JsonValue& value, const std::string& name) {
  AskedSelector selector;
  reader.object(value, name, [&](const std::string& key, const JsonValue& field) {
    if (key == "rawSelector") selector.raw = reader.text(field, key);
    if (key == "requirements")
      reader.list(field, key, "[]v1.SelectorRequirement", [&](const JsonValue& item) {
        auto& one = selector.requirements.emplace_back();
        reader.object(item, "", [&](const std::string& member, const JsonValue& content) {
          if (member == "key") one.key = reader.text(content, member);
          if (member == "operator") one.op = reader.text(content, member);
          if (member == "values") one.values = reader.texts(content, member);
          return true;
        });
      });
    return true;
  });
  return selector;
}

AskedResource read_resource(FieldReader& reader, const JsonValue& value) {
  AskedResource asked;
  reader.object(value, "resourceAttributes", [&](const std::string& key, const JsonValue& field) {
    if (key == "namespace") asked.namespace_name = reader.text(field, key);
    if (key == "verb") asked.verb = reader.text(field, key);
    if (key == "group") asked.group = reader.text(field, key);
    if (key == "version") asked.version = reader.text(field, key);
    if (key == "resource") asked.resource = reader.text(field, key);
    if (key == "subresource") asked.subresource = reader.text(field, key);
    if (key == "name") asked.name = reader.text(field, key);
    if (field.kind == JsonValue::Kind::null) return true;
    if (key == "fieldSelector") asked.fields = read_selector(reader, field, key);
    if (key == "labelSelector") asked.labels = read_selector(reader, field, key);
    return true;
  });
  return asked;
}

AskedPath read_path(FieldReader& reader, const JsonValue& value) {
  AskedPath asked;
  reader.object(value, "nonResourceAttributes", [&](const std::string& key, const JsonValue& field) {
    if (key == "path") asked.path = reader.text(field, key);
    if (key == "verb") asked.verb = reader.text(field, key);
    return true;
  });
  return asked;
}

void read_spec(FieldReader& reader, const JsonValue& value, SentAccessReview& sent) {
  AccessReview& review = sent.review;
  reader.object(value, "spec", [&](const std::string& key, const JsonValue& field) {
    if (field.kind == JsonValue::Kind::null) return true;
    if (key == "resourceAttributes") review.resource = read_resource(reader, field);
    if (key == "nonResourceAttributes") review.path = read_path(reader, field);
    if (key == "user") review.user = reader.text(field, key);
    if (key == "uid") review.uid = reader.text(field, key);
    if (key == "groups") review.groups = reader.texts(field, key);
    if (key == "extra") review.extra = reader.lists_map(field, key);
    return true;
  });
}

void read_metadata(FieldReader& reader, const JsonValue& value, SentAccessReview& sent) {
  reader.object(value, "metadata", [&](const std::string& key, const JsonValue& field) {
    if (key == "name") sent.name = reader.text(field, key);
    if (key == "namespace") sent.review.namespace_name = reader.text(field, key);
    if (key == "labels") sent.labels = reader.text_map(field, key);
    if (key == "annotations") sent.annotations = reader.text_map(field, key);
    return true;
  });
}

/// Kind and version of a review's body, then `read` over its tree.
template <class Read>
auto read_review(const Resource& kind, Format format, std::string_view body, const Read& read)
    -> std::expected<decltype(read(JsonValue())), Status> {
  const auto tree = parse_body(format, body);
  if (!tree) return std::unexpected(unrecognized(body, tree.error(), kind.kind));
  const auto cannot = [&](const std::string& why) {
    return std::unexpected(status::bad_request(kind.kind + " in version \"" + kind.version +
                                               "\" cannot be handled as a " + kind.kind + ": " + why));
  };
  try {
    const auto [api_version, sent_kind] = type_of_tree(tree->value);
    if ((!sent_kind.empty() && sent_kind != kind.kind) ||
        (!api_version.empty() && api_version != kind.api_version()))
      return cannot("no kind " + go_quote(sent_kind) + " is registered for version " + go_quote(api_version) +
                    " in scheme \"csrflow\"");
    return read(tree->value);
  } catch (const FieldMismatch& mismatch) {
    return cannot(mismatch.message);
  }
}

SentAccessReview read_access_review(const Resource& kind, const JsonValue& root) {
  SentAccessReview sent;
  FieldReader reader(kind.kind);
  reader.object(root, "", [&](const std::string& name, const JsonValue& value) {
    if (name == "metadata") read_metadata(reader, value, sent);
    if (name == "spec") read_spec(reader, value, sent);
    return true;
  });
  return sent;
}

// ---- validation (pkg/apis/authorization/validation) ---------------------------------------------

/// As Go prints the internal type.
std::string printed(const AskedPath& asked) {
  std::string out;
  {
    JsonObject object(out);
    object.text("Path", asked.path);
    object.text("Verb", asked.verb);
  }
  return out;
}

std::string printed_metadata(const SentAccessReview& sent) {
  std::string out;
  {
    JsonObject object(out);
    object.text_if("name", sent.name);
    object.text_if("namespace", sent.review.namespace_name);
    const auto map = [&](std::string_view name, const engine::StringMap& texts) {
      if (texts.empty()) return;
      JsonObject members(object.key(name));
      for (const auto& [key, value] : texts) members.text(key, value);
    };
    map("labels", sent.labels);
    map("annotations", sent.annotations);
  }
  return out;
}

void check_selector(const std::optional<AskedSelector>& selector, const std::string& path,
                    FieldErrors& errors) {
  if (!selector) return;
  if (!selector->raw.empty() && !selector->requirements.empty())
    errors.push_back(field::invalid(path + ".rawSelector", selector->raw,
                                    "may not specified at the same time as requirements"));
  if (selector->raw.empty() && selector->requirements.empty())
    errors.push_back(field::required(
        path + ".requirements", "when " + path + " is specified, requirements or rawSelector is required"));
}

void check_question(const AccessReview& review, FieldErrors& errors) {
  if (review.resource && review.path)
    errors.push_back(field::invalid_printed("spec.nonResourceAttributes", printed(*review.path),
                                            "cannot be specified in combination with resourceAttributes"));
  if (!review.resource && !review.path)
    errors.push_back(field::invalid_printed(
        "spec.resourceAttributes", "null",
        "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
  if (!review.resource) return;
  check_selector(review.resource->fields, "spec.resourceAttributes.fieldSelector", errors);
  check_selector(review.resource->labels, "spec.resourceAttributes.labelSelector", errors);
}

void check_local(const AccessReview& review, FieldErrors& errors) {
  if (review.resource && review.resource->namespace_name != review.namespace_name)
    errors.push_back(field::invalid("spec.resourceAttributes.namespace", review.resource->namespace_name,
                                    "must match metadata.namespace"));
  if (review.path)
    errors.push_back(field::invalid_printed("spec.nonResourceAttributes", printed(*review.path),
                                            "disallowed on this kind of request"));
}

std::expected<AccessReview, Status> checked(const Resource& kind, SentAccessReview sent) {
  const bool local = kind.scope == Scope::namespaced;
  FieldErrors errors;
  check_question(sent.review, errors);
  if (&kind != &self_subject_access_reviews() && sent.review.user.empty() && sent.review.groups.empty())
    errors.push_back(field::invalid("spec.user", "", "at least one of user or group must be specified"));
  const bool named = !sent.name.empty() || !sent.labels.empty() || !sent.annotations.empty();
  if (named || (!local && !sent.review.namespace_name.empty()))
    errors.push_back(field::invalid_printed("metadata", printed_metadata(sent),
                                            local ? "must be empty except for namespace" : "must be empty"));
  if (local) check_local(sent.review, errors);
  // Kubernetes knows the group and no kind here.
  if (!errors.empty()) return std::unexpected(status::invalid({kind.group, ""}, "", errors));
  return std::move(sent.review);
}

// ---- writing ------------------------------------------------------------------------------------

void append_selector(std::string& out, const AskedSelector& selector) {
  JsonObject object(out);
  object.text_if("rawSelector", selector.raw);
  if (selector.requirements.empty()) return;
  std::string& list = object.key("requirements");
  list += '[';
  for (const auto& requirement : selector.requirements) {
    if (list.back() != '[') list += ',';
    JsonObject one(list);
    one.text("key", requirement.key);
    one.text("operator", requirement.op);
    if (!requirement.values.empty()) one.texts("values", requirement.values);
  }
  list += ']';
}

void append_resource(std::string& out, const AskedResource& asked) {
  JsonObject object(out);
  object.text_if("namespace", asked.namespace_name);
  object.text_if("verb", asked.verb);
  object.text_if("group", asked.group);
  object.text_if("version", asked.version);
  object.text_if("resource", asked.resource);
  object.text_if("subresource", asked.subresource);
  object.text_if("name", asked.name);
  if (asked.fields) append_selector(object.key("fieldSelector"), *asked.fields);
  if (asked.labels) append_selector(object.key("labelSelector"), *asked.labels);
}

void append_path(std::string& out, const AskedPath& asked) {
  JsonObject object(out);
  object.text_if("path", asked.path);
  object.text_if("verb", asked.verb);
}

void append_spec(std::string& out, const AccessReview& review) {
  JsonObject spec(out);
  if (review.resource) append_resource(spec.key("resourceAttributes"), *review.resource);
  if (review.path) append_path(spec.key("nonResourceAttributes"), *review.path);
  spec.text_if("user", review.user);
  if (!review.groups.empty()) spec.texts("groups", review.groups);
  if (!review.extra.empty()) {
    JsonObject extra(spec.key("extra"));
    for (const auto& [key, values] : review.extra) extra.texts(key, values);
  }
  spec.text_if("uid", review.uid);
}

void append_resource_rules(std::string& out, const PolicyRules& rules) {
  out += '[';
  for (const auto& rule : rules) {
    if (rule.resources.empty()) continue;
    if (out.back() != '[') out += ',';
    JsonObject object(out);
    object.texts("verbs", rule.verbs);
    if (!rule.api_groups.empty()) object.texts("apiGroups", rule.api_groups);
    object.texts("resources", rule.resources);
    if (!rule.resource_names.empty()) object.texts("resourceNames", rule.resource_names);
  }
  out += ']';
}

void append_path_rules(std::string& out, const PolicyRules& rules) {
  out += '[';
  for (const auto& rule : rules) {
    if (rule.non_resource_urls.empty()) continue;
    if (out.back() != '[') out += ',';
    JsonObject object(out);
    object.texts("verbs", rule.verbs);
    object.texts("nonResourceURLs", rule.non_resource_urls);
  }
  out += ']';
}

}  // namespace

Attributes AccessReview::attributes() const {
  if (path)
    return {.verb = path->verb,
            .group = {},
            .resource = {},
            .subresource = {},
            .name = {},
            .namespace_name = {},
            .path = path->path};
  return {.verb = resource->verb,
          .group = resource->group,
          .resource = resource->resource,
          .subresource = resource->subresource,
          .name = resource->name,
          .namespace_name = resource->namespace_name,
          .path = {}};
}

engine::Identity AccessReview::subject() const {
  engine::Identity identity;
  identity.user = user;
  identity.uid = uid;
  identity.groups = groups;
  identity.extra = extra;
  return identity;
}

std::expected<AccessReview, Status> decode_access_review(const Resource& kind,
                                                         const std::string& url_namespace, Format format,
                                                         std::string_view body) {
  auto sent = format == Format::protobuf ? access_review_from_protobuf(kind, body)
                                         : read_review(kind, format, body, [&](const JsonValue& root) {
                                             return read_access_review(kind, root);
                                           });
  if (!sent) return std::unexpected(sent.error());
  if (kind.scope == Scope::namespaced) {
    auto& sent_namespace = sent->review.namespace_name;
    if (sent_namespace.empty()) sent_namespace = url_namespace;
    if (sent_namespace != url_namespace)
      return std::unexpected(status::bad_request(
          "the namespace of the provided object does not match the namespace sent on the request"));
  }
  return checked(kind, std::move(*sent));
}

std::string access_review_json(const Resource& kind, const AccessReview& review,
                               const AccessDecision& decision) {
  std::string out = kind.object_head() + R"("metadata":)";
  { JsonObject(out).text_if("namespace", review.namespace_name); }
  out += R"(,"spec":)";
  append_spec(out, review);
  out += R"(,"status":)";
  {
    JsonObject status(out);
    status.boolean("allowed", decision.access == Access::allowed);
    status.text_if("reason", decision.reason);
  }
  return out + '}';
}

std::expected<std::string, Status> decode_rules_review(Format format, std::string_view body) {
  const Resource& kind = self_subject_rules_reviews();
  auto name = format == Format::protobuf
                  ? rules_review_from_protobuf(body)
                  : read_review(kind, format, body, [&](const JsonValue& root) {
                      std::string sent;
                      FieldReader reader(kind.kind);
                      reader.object(root, "", [&](const std::string& member, const JsonValue& value) {
                        if (member != "spec") return true;
                        reader.object(value, member, [&](const std::string& key, const JsonValue& field) {
                          if (key == "namespace") sent = reader.text(field, key);
                          return true;
                        });
                        return true;
                      });
                      return sent;
                    });
  if (name && name->empty()) return std::unexpected(status::bad_request("no namespace on request"));
  return name;
}

std::string rules_review_json(const RulesOfUser& found) {
  std::string out = self_subject_rules_reviews().object_head() + R"("metadata":{},"spec":{},"status":)";
  {
    JsonObject status(out);
    append_resource_rules(status.key("resourceRules"), found.rules);
    append_path_rules(status.key("nonResourceRules"), found.rules);
    status.boolean("incomplete", found.incomplete);
    status.text_if("evaluationError", found.problem);
  }
  return out + '}';
}

}  // namespace csrflow::api
