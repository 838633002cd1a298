#include "api/access_review.hpp"

#include <algorithm>

#include "api/protobuf.hpp"
#include "api/reviews.hpp"
#include "api/tree_body.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

using engine::JsonObject;

// ---- reading ------------------------------------------------------------------------------------

AskedSelector::Requirement read_requirement(FieldReader& reader, const JsonValue& value) {
  AskedSelector::Requirement one;
  reader.object(value, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "key") return one.key = reader.text(field, key), true;
    if (key == "operator") return one.op = reader.text(field, key), true;
    if (key == "values") return one.values = reader.texts(field, key), true;
    return false;
  });
  return one;
}

std::optional<AskedSelector> read_selector(FieldReader& reader, const JsonValue& value,
                                           const std::string& name) {
  if (value.kind == JsonValue::Kind::null) return std::nullopt;
  AskedSelector selector;
  reader.object(value, name, [&](const std::string& key, const JsonValue& field) {
    if (key == "rawSelector") return selector.raw = reader.text(field, key), true;
    if (key != "requirements") return false;
    reader.list(field, key, "[]v1.SelectorRequirement", [&](const JsonValue& item) {
      selector.requirements.push_back(read_requirement(reader, item));
    });
    return true;
  });
  return selector;
}

std::optional<AskedResource> read_resource(FieldReader& reader, const JsonValue& value,
                                           const std::string& name) {
  if (value.kind == JsonValue::Kind::null) return std::nullopt;
  AskedResource asked;
  reader.object(value, name, [&](const std::string& key, const JsonValue& field) {
    if (key == "namespace") return asked.namespace_name = reader.text(field, key), true;
    if (key == "verb") return asked.verb = reader.text(field, key), true;
    if (key == "group") return asked.group = reader.text(field, key), true;
    if (key == "version") return asked.version = reader.text(field, key), true;
    if (key == "resource") return asked.resource = reader.text(field, key), true;
    if (key == "subresource") return asked.subresource = reader.text(field, key), true;
    if (key == "name") return asked.name = reader.text(field, key), true;
    if (key == "fieldSelector") return asked.fields = read_selector(reader, field, key), true;
    if (key == "labelSelector") return asked.labels = read_selector(reader, field, key), true;
    return false;
  });
  return asked;
}

std::optional<AskedPath> read_path(FieldReader& reader, const JsonValue& value, const std::string& name) {
  if (value.kind == JsonValue::Kind::null) return std::nullopt;
  AskedPath asked;
  reader.object(value, name, [&](const std::string& key, const JsonValue& field) {
    if (key == "path") return asked.path = reader.text(field, key), true;
    if (key == "verb") return asked.verb = reader.text(field, key), true;
    return false;
  });
  return asked;
}

/// Whom a SelfSubjectAccessReview is about goes without saying: it has none of these fields.
bool read_subject(FieldReader& reader, const std::string& key, const JsonValue& field, AccessReview& review) {
  if (key == "user") return review.user = reader.text(field, key), true;
  if (key == "uid") return review.uid = reader.text(field, key), true;
  if (key == "groups") return review.groups = reader.texts(field, key), true;
  if (key == "extra") return review.extra = reader.lists_map(field, key), true;
  return false;
}

void read_spec(FieldReader& reader, const JsonValue& value, bool own, AccessReview& review) {
  reader.object(value, "spec", [&](const std::string& key, const JsonValue& field) {
    if (key == "resourceAttributes") return review.resource = read_resource(reader, field, key), true;
    if (key == "nonResourceAttributes") return review.path = read_path(reader, field, key), true;
    return !own && read_subject(reader, key, field, review);
  });
}

/// The server's to say; only its fields' types are looked at.
void read_status(FieldReader& reader, const JsonValue& value) {
  reader.object(value, "status", [&](const std::string& key, const JsonValue& field) {
    if (key == "allowed" || key == "denied") return reader.boolean(field, key), true;
    if (key == "reason" || key == "evaluationError") return reader.text(field, key), true;
    return false;
  });
}

SentAccessReview read_access_review(const Resource& kind, const JsonValue& root,
                                    std::vector<std::string>& problems) {
  SentAccessReview sent;
  FieldReader reader(kind.kind);
  const bool own = &kind == &self_subject_access_reviews();
  read_review(reader, root, sent, [&](const std::string& key, const JsonValue& value) {
    if (key == "spec") return read_spec(reader, value, own, sent.review), true;
    if (key == "status") return read_status(reader, value), true;
    return false;
  });
  const JsonValue* metadata = root.find("metadata");
  const JsonValue* place = metadata ? metadata->find("namespace") : nullptr;
  if (place) sent.review.namespace_name = place->text;
  problems = std::move(reader.problems);
  return sent;
}

void read_rules(FieldReader& reader, const JsonValue& value, const std::string& name,
                std::initializer_list<std::string_view> members) {
  reader.list(value, name, "[]v1.Rule", [&](const JsonValue& item) {
    reader.object(item, "", [&](const std::string& key, const JsonValue& field) {
      if (std::ranges::find(members, key) == members.end()) return false;
      return reader.texts(field, key), true;
    });
  });
}

SentRulesReview read_rules_review(const JsonValue& root, std::vector<std::string>& problems) {
  SentRulesReview sent;
  FieldReader reader(self_subject_rules_reviews().kind);
  read_review(reader, root, sent, [&](const std::string& member, const JsonValue& value) {
    if (member != "spec" && member != "status") return false;
    reader.object(value, member, [&](const std::string& key, const JsonValue& field) {
      if (member == "spec")
        return key == "namespace" && (sent.namespace_name = reader.text(field, key), true);
      if (key == "resourceRules")
        return read_rules(reader, field, key, {"verbs", "apiGroups", "resources", "resourceNames"}), true;
      if (key == "nonResourceRules")
        return read_rules(reader, field, key, {"verbs", "nonResourceURLs"}), true;
      if (key == "incomplete") return reader.boolean(field, key), true;
      if (key == "evaluationError") return reader.text(field, key), true;
      return false;
    });
    return true;
  });
  problems = std::move(reader.problems);
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
    object.text_if("name", sent.meta.name);
    object.text_if("generateName", sent.meta.generate_name);
    object.text_if("namespace", sent.review.namespace_name);
    object.text_if("uid", sent.meta.uid.text);
    object.text_if("resourceVersion", sent.resource_version);
    const auto map = [&](std::string_view name, const engine::StringMap& texts) {
      if (texts.empty()) return;
      JsonObject members(object.key(name));
      for (const auto& [key, value] : texts) members.text(key, value);
    };
    map("labels", sent.meta.labels);
    map("annotations", sent.meta.annotations);
    if (!sent.meta.finalizers.empty()) object.texts("finalizers", sent.meta.finalizers);
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
  // Who manages the fields is no matter.
  sent.meta.managed_fields.clear();
  const bool described = sent.meta != engine::ObjectMeta{} || !sent.resource_version.empty();
  if (described || (!local && !sent.review.namespace_name.empty()))
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

std::expected<SentAccessReview, Status> decode_access_review(const Resource& kind, Format format,
                                                             std::string_view body,
                                                             FieldValidation validation) {
  if (format == Format::protobuf) return access_review_from_protobuf(kind, body);
  return decode_tree<SentAccessReview>(kind, format, body, validation,
                                       [&](const JsonValue& root, std::vector<std::string>& problems) {
                                         return read_access_review(kind, root, problems);
                                       });
}

std::expected<AccessReview, Status> check_access_review(const Resource& kind,
                                                        const std::string& url_namespace,
                                                        SentAccessReview sent) {
  if (kind.scope == Scope::namespaced) {
    auto& sent_namespace = sent.review.namespace_name;
    if (sent_namespace.empty()) sent_namespace = url_namespace;
    if (sent_namespace != url_namespace)
      return std::unexpected(status::bad_request(
          "the namespace of the provided object does not match the namespace sent on the request"));
  }
  return checked(kind, std::move(sent));
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

std::expected<SentRulesReview, Status> decode_rules_review(Format format, std::string_view body,
                                                           FieldValidation validation) {
  if (format == Format::protobuf) return rules_review_from_protobuf(body);
  return decode_tree<SentRulesReview>(self_subject_rules_reviews(), format, body, validation,
                                      read_rules_review);
}

std::expected<void, Status> check_rules_review(const SentRulesReview& sent) {
  if (sent.namespace_name.empty()) return std::unexpected(status::bad_request("no namespace on request"));
  return {};
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
