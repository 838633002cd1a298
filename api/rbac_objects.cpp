#include "api/rbac_objects.hpp"

#include <algorithm>

#include "api/digest.hpp"
#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

using engine::JsonReader;

/// Each element of a list that may be null.
template <class Element>
void each(JsonReader& reader, Element element) {
  if (!reader.null()) reader.array(element);
}
template <class Member>
void members(JsonReader& reader, Member member) {
  if (!reader.null()) reader.object(member);
}
std::vector<std::string> texts(JsonReader& reader) {
  return reader.null() ? std::vector<std::string>{} : reader.texts();
}
engine::StringMap text_map(JsonReader& reader) {
  return reader.null() ? engine::StringMap{} : reader.text_map();
}
std::string text(JsonReader& reader) {
  return reader.null() ? std::string{} : reader.text();
}

/// ClusterRole and ClusterRoleBinding have these in common.
template <class Object>
void read_metadata(JsonReader& reader, Object& object) {
  members(reader, [&](std::string_view key) {
    if (key == "name") object.name = text(reader);
    if (key == "labels") object.labels = text_map(reader);
    if (key == "annotations") object.annotations = text_map(reader);
  });
}

PolicyRule read_rule(JsonReader& reader) {
  PolicyRule rule;
  members(reader, [&](std::string_view key) {
    if (key == "verbs") rule.verbs = texts(reader);
    if (key == "apiGroups") rule.api_groups = texts(reader);
    if (key == "resources") rule.resources = texts(reader);
    if (key == "resourceNames") rule.resource_names = texts(reader);
    if (key == "nonResourceURLs") rule.non_resource_urls = texts(reader);
  });
  return rule;
}

LabelTerms::Expression read_expression(JsonReader& reader) {
  LabelTerms::Expression expression;
  members(reader, [&](std::string_view key) {
    if (key == "key") expression.key = text(reader);
    if (key == "operator") expression.op = text(reader);
    if (key == "values") expression.values = texts(reader);
  });
  return expression;
}

LabelTerms read_terms(JsonReader& reader) {
  LabelTerms terms;
  members(reader, [&](std::string_view key) {
    if (key == "matchLabels") terms.match_labels = text_map(reader);
    if (key == "matchExpressions")
      each(reader, [&] { terms.match_expressions.push_back(read_expression(reader)); });
  });
  return terms;
}

std::optional<std::vector<LabelTerms>> read_aggregation(JsonReader& reader) {
  if (reader.null()) return std::nullopt;
  std::vector<LabelTerms> selectors;
  reader.object([&](std::string_view key) {
    if (key == "clusterRoleSelectors") each(reader, [&] { selectors.push_back(read_terms(reader)); });
  });
  return selectors;
}

Subject read_subject(JsonReader& reader) {
  Subject subject;
  members(reader, [&](std::string_view key) {
    if (key == "kind") subject.kind = text(reader);
    if (key == "apiGroup") subject.api_group = text(reader);
    if (key == "name") subject.name = text(reader);
    if (key == "namespace") subject.namespace_name = text(reader);
  });
  return subject;
}

RoleRef read_role_ref(JsonReader& reader) {
  RoleRef role;
  members(reader, [&](std::string_view key) {
    if (key == "apiGroup") role.api_group = text(reader);
    if (key == "kind") role.kind = text(reader);
    if (key == "name") role.name = text(reader);
  });
  return role;
}

bool holds(const LabelTerms::Expression& term, const engine::StringMap& labels) {
  const auto found = labels.find(term.key);
  const bool there = found != labels.end();
  if (term.op == "Exists") return there;
  if (term.op == "DoesNotExist") return !there;
  const bool among = there && std::ranges::find(term.values, found->second) != term.values.end();
  if (term.op == "In") return among;
  return term.op == "NotIn" && !among;
}

/// A body has no metadata of its own.
template <class Object>
Object with_metadata(Object object, const engine::ObjectMeta& meta) {
  object.name = meta.name;
  object.labels = meta.labels;
  object.annotations = meta.annotations;
  return object;
}

// ---- writing ------------------------------------------------------------------------------------

template <class List, class Append>
void append_list(std::string& out, const List& list, Append append) {
  out += '[';
  bool first = true;
  for (const auto& element : list) {
    if (!first) out += ',';
    first = false;
    append(out, element);
  }
  out += ']';
}

void texts_if(engine::JsonObject& object, std::string_view name, std::span<const std::string> texts) {
  if (!texts.empty()) object.texts(name, texts);
}

void append_rule(std::string& out, const PolicyRule& rule) {
  engine::JsonObject object(out);
  object.texts("verbs", rule.verbs);
  texts_if(object, "apiGroups", rule.api_groups);
  texts_if(object, "resources", rule.resources);
  texts_if(object, "resourceNames", rule.resource_names);
  texts_if(object, "nonResourceURLs", rule.non_resource_urls);
}

void append_expression(std::string& out, const LabelTerms::Expression& expression) {
  engine::JsonObject object(out);
  object.text("key", expression.key);
  object.text("operator", expression.op);
  texts_if(object, "values", expression.values);
}

void append_terms(std::string& out, const LabelTerms& terms) {
  engine::JsonObject object(out);
  if (!terms.match_labels.empty()) {
    engine::JsonObject labels(object.key("matchLabels"));
    for (const auto& [key, value] : terms.match_labels) labels.text(key, value);
  }
  if (!terms.match_expressions.empty())
    append_list(object.key("matchExpressions"), terms.match_expressions, append_expression);
}

void append_aggregation(std::string& out, const std::vector<LabelTerms>& selectors) {
  engine::JsonObject object(out);
  if (!selectors.empty()) append_list(object.key("clusterRoleSelectors"), selectors, append_terms);
}

void append_subject(std::string& out, const Subject& subject) {
  engine::JsonObject object(out);
  object.text("kind", subject.kind);
  object.text_if("apiGroup", subject.api_group);
  object.text("name", subject.name);
  object.text_if("namespace", subject.namespace_name);
}

void append_role_ref(std::string& out, const RoleRef& role) {
  engine::JsonObject object(out);
  object.text("apiGroup", role.api_group);
  object.text("kind", role.kind);
  object.text("name", role.name);
}

}  // namespace

bool LabelTerms::matches(const engine::StringMap& labels) const {
  return std::ranges::all_of(match_labels,
                             [&](const auto& term) {
                               const auto found = labels.find(term.first);
                               return found != labels.end() && found->second == term.second;
                             }) &&
         std::ranges::all_of(match_expressions, [&](const Expression& term) { return holds(term, labels); });
}

ClusterRole read_cluster_role(std::string_view json) {
  ClusterRole role;
  JsonReader reader(json);
  reader.object([&](std::string_view key) {
    if (key == "metadata") read_metadata(reader, role);
    if (key == "rules") each(reader, [&] { role.rules.push_back(read_rule(reader)); });
    if (key == "aggregationRule") role.aggregation = read_aggregation(reader);
  });
  return role;
}

ClusterRoleBinding read_cluster_role_binding(std::string_view json) {
  ClusterRoleBinding binding;
  JsonReader reader(json);
  reader.object([&](std::string_view key) {
    if (key == "metadata") read_metadata(reader, binding);
    if (key == "subjects") each(reader, [&] { binding.subjects.push_back(read_subject(reader)); });
    if (key == "roleRef") binding.role = read_role_ref(reader);
  });
  return binding;
}

ClusterRole read_cluster_role(const engine::ConfigObject& object) {
  return with_metadata(read_cluster_role(*object.body), object.meta);
}

ClusterRoleBinding read_cluster_role_binding(const engine::ConfigObject& object) {
  return with_metadata(read_cluster_role_binding(*object.body), object.meta);
}

engine::ConfigBody body_of(const ClusterRole& role) {
  std::string body;
  {
    engine::JsonObject object(body);
    if (role.aggregation) append_aggregation(object.key("aggregationRule"), *role.aggregation);
    // As Kubernetes writes a list that nothing is in and that is not left out.
    if (role.rules.empty())
      object.key("rules") += "null";
    else
      append_rules(object.key("rules"), role.rules);
  }
  return std::make_shared<const std::string>(std::move(body));
}

engine::ConfigBody body_of(const ClusterRoleBinding& binding) {
  std::string body;
  {
    engine::JsonObject object(body);
    append_role_ref(object.key("roleRef"), binding.role);
    if (!binding.subjects.empty()) append_list(object.key("subjects"), binding.subjects, append_subject);
  }
  return std::make_shared<const std::string>(std::move(body));
}

std::string hash_of(const engine::ConfigBody& body) {
  return engine::to_hex(sha256_bytes(*body));
}

void append_rules(std::string& out, std::span<const PolicyRule> rules) {
  append_list(out, rules, append_rule);
}

}  // namespace csrflow::api
