// Bodies of ClusterRoles and ClusterRoleBindings (kubernetes pkg/apis/rbac: v1/defaults.go,
// validation/validation.go; columns of printers/internalversion): the order of the checks is the order of the
// causes in the answer.
#include "api/config_format.hpp"
#include "api/rbac_objects.hpp"
#include "api/validation.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {

namespace {

using engine::ConfigObject;

const std::string rbac_group(rbac::group);

std::string at(const std::string& list, std::size_t index) {
  return list + '[' + std::to_string(index) + ']';
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    engine::append_json_string(out, text);
  }
  return out + ']';
}

// ---- reading ------------------------------------------------------------------------------------

PolicyRule read_rule(FieldReader& reader, const JsonValue& value) {
  PolicyRule rule;
  reader.object(value, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "verbs") return rule.verbs = reader.texts(field, key), true;
    if (key == "apiGroups") return rule.api_groups = reader.texts(field, key), true;
    if (key == "resources") return rule.resources = reader.texts(field, key), true;
    if (key == "resourceNames") return rule.resource_names = reader.texts(field, key), true;
    if (key == "nonResourceURLs") return rule.non_resource_urls = reader.texts(field, key), true;
    return false;
  });
  return rule;
}

LabelTerms::Expression read_expression(FieldReader& reader, const JsonValue& value) {
  LabelTerms::Expression expression;
  reader.object(value, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "key") return expression.key = reader.text(field, key), true;
    if (key == "operator") return expression.op = reader.text(field, key), true;
    if (key == "values") return expression.values = reader.texts(field, key), true;
    return false;
  });
  return expression;
}

LabelTerms read_terms(FieldReader& reader, const JsonValue& value) {
  LabelTerms terms;
  reader.object(value, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "matchLabels") return terms.match_labels = reader.text_map(field, key), true;
    if (key != "matchExpressions") return false;
    terms.match_expressions.clear();
    reader.list(field, key, "[]v1.LabelSelectorRequirement", [&](const JsonValue& item) {
      terms.match_expressions.push_back(read_expression(reader, item));
    });
    return true;
  });
  return terms;
}

Subject read_subject(FieldReader& reader, const JsonValue& value) {
  Subject subject;
  reader.object(value, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "kind") return subject.kind = reader.text(field, key), true;
    if (key == "apiGroup") return subject.api_group = reader.text(field, key), true;
    if (key == "name") return subject.name = reader.text(field, key), true;
    if (key == "namespace") return subject.namespace_name = reader.text(field, key), true;
    return false;
  });
  return subject;
}

class RoleReader final : public BodyReader {
 public:
  bool member(FieldReader& reader, const std::string& key, const JsonValue& value) override {
    if (key == "rules") {
      role_.rules.clear();
      reader.list(value, key, "[]v1.PolicyRule",
                  [&](const JsonValue& item) { role_.rules.push_back(read_rule(reader, item)); });
      return true;
    }
    if (key != "aggregationRule") return false;
    role_.aggregation.reset();
    if (value.kind == JsonValue::Kind::null) return true;
    auto& selectors = role_.aggregation.emplace();
    reader.object(value, key, [&](const std::string& name, const JsonValue& field) {
      if (name != "clusterRoleSelectors") return false;
      selectors.clear();
      reader.list(field, name, "[]v1.LabelSelector",
                  [&](const JsonValue& item) { selectors.push_back(read_terms(reader, item)); });
      return true;
    });
    return true;
  }
  engine::ConfigBody finish() override { return body_of(role_); }

 private:
  ClusterRole role_;
};

class BindingReader final : public BodyReader {
 public:
  bool member(FieldReader& reader, const std::string& key, const JsonValue& value) override {
    if (key == "subjects") {
      binding_.subjects.clear();
      reader.list(value, key, "[]v1.Subject",
                  [&](const JsonValue& item) { binding_.subjects.push_back(read_subject(reader, item)); });
      return true;
    }
    if (key != "roleRef") return false;
    RoleRef& role = binding_.role;
    reader.object(value, key, [&](const std::string& name, const JsonValue& field) {
      if (name == "apiGroup") return role.api_group = reader.text(field, name), true;
      if (name == "kind") return role.kind = reader.text(field, name), true;
      if (name == "name") return role.name = reader.text(field, name), true;
      return false;
    });
    return true;
  }
  engine::ConfigBody finish() override {
    set_defaults(binding_);
    return body_of(binding_);
  }

 private:
  ClusterRoleBinding binding_;
};

// ---- checking -----------------------------------------------------------------------------------

void check_rule(const PolicyRule& rule, const std::string& path, FieldErrors& errors) {
  const auto require = [&](const char* member, const char* why) {
    errors.push_back(field::required(path + '.' + member, why));
  };
  if (rule.verbs.empty()) require("verbs", "verbs must contain at least one value");
  if (!rule.non_resource_urls.empty()) {
    if (!rule.api_groups.empty() || !rule.resources.empty() || !rule.resource_names.empty())
      errors.push_back(
          field::invalid_printed(path + ".nonResourceURLs", json_list(rule.non_resource_urls),
                                 "rules cannot apply to both regular resources and non-resource URLs"));
    return;
  }
  if (rule.api_groups.empty()) require("apiGroups", "resource rules must supply at least one api group");
  if (rule.resources.empty()) require("resources", "resource rules must supply at least one resource");
}

/// unversionedvalidation.ValidateLabelSelector.
void check_terms(const LabelTerms& terms, const std::string& path, FieldErrors& errors) {
  const auto refuse = [&](const std::string& member, const std::string& value,
                          const std::vector<std::string>& problems) {
    for (const std::string& problem : problems) errors.push_back(field::invalid(member, value, problem));
  };
  for (const auto& [key, value] : terms.match_labels) {
    refuse(path + ".matchLabels", key, check_qualified_name(key));
    refuse(path + ".matchLabels", value, check_label_value(value));
  }
  for (std::size_t i = 0; i < terms.match_expressions.size(); ++i) {
    const auto& [key, op, values] = terms.match_expressions[i];
    const std::string here = at(path + ".matchExpressions", i);
    if (op == "In" || op == "NotIn") {
      if (values.empty())
        errors.push_back(
            field::required(here + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (op == "Exists" || op == "DoesNotExist") {
      if (!values.empty())
        errors.push_back(field::forbidden(
            here + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else {
      errors.push_back(field::invalid(here + ".operator", op, "not a valid selector operator"));
    }
    refuse(here + ".key", key, check_qualified_name(key));
    for (std::size_t v = 0; v < values.size(); ++v)
      refuse(at(here + ".values", v), values[v], check_label_value(values[v]));
  }
}

FieldErrors check_role(const ConfigObject& object) {
  const ClusterRole role = read_cluster_role(object);
  FieldErrors errors;
  for (std::size_t i = 0; i < role.rules.size(); ++i) check_rule(role.rules[i], at("rules", i), errors);
  if (!role.aggregation) return errors;
  const std::string path = "aggregationRule.clusterRoleSelectors";
  if (role.aggregation->empty())
    errors.push_back(
        field::required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil"));
  for (std::size_t i = 0; i < role.aggregation->size(); ++i) {
    const auto before = errors.size();
    check_terms((*role.aggregation)[i], at(path, i), errors);
    if (errors.size() > before)
      errors.push_back(field::invalid_printed(at(path, i), "null", "invalid label selector."));
  }
  return errors;
}

FieldErrors check_nothing(const ConfigObject&, const ConfigObject&) {
  return {};
}

void check_group(const std::string& path, const std::string& sent, const std::string& wanted,
                 FieldErrors& errors) {
  if (sent != wanted) errors.push_back(field::not_supported(path, go_quote(sent), {wanted}));
}

void check_subject(const Subject& subject, const std::string& path, FieldErrors& errors) {
  const std::string name = path + ".name";
  const std::string group = path + ".apiGroup";
  if (subject.name.empty()) errors.push_back(field::required(name));
  if (subject.kind == "ServiceAccount") {
    if (!subject.name.empty())
      for (std::string& problem : check_dns_subdomain(subject.name))
        errors.push_back(field::invalid(name, subject.name, std::move(problem)));
    check_group(group, subject.api_group, "", errors);
    if (subject.namespace_name.empty()) errors.push_back(field::required(path + ".namespace"));
  } else if (subject.kind == "User" || subject.kind == "Group") {
    if (subject.name.empty())
      errors.push_back(field::invalid(
          name, "", subject.kind == "User" ? "user name cannot be empty" : "group name cannot be empty"));
    check_group(group, subject.api_group, rbac_group, errors);
  } else {
    errors.push_back(
        field::not_supported(path + ".kind", go_quote(subject.kind), {"ServiceAccount", "User", "Group"}));
  }
}

FieldErrors check_binding(const ConfigObject& object) {
  const ClusterRoleBinding binding = read_cluster_role_binding(object);
  const RoleRef& role = binding.role;
  FieldErrors errors;
  check_group("roleRef.apiGroup", role.api_group, rbac_group, errors);
  if (role.kind != "ClusterRole")
    errors.push_back(field::not_supported("roleRef.kind", go_quote(role.kind), {"ClusterRole"}));
  if (role.name.empty()) {
    errors.push_back(field::required("roleRef.name"));
  } else {
    for (std::string& problem : check_path_segment(role.name))
      errors.push_back(field::invalid("roleRef.name", role.name, std::move(problem)));
  }
  for (std::size_t i = 0; i < binding.subjects.size(); ++i)
    check_subject(binding.subjects[i], at("subjects", i), errors);
  return errors;
}

FieldErrors check_binding_change(const ConfigObject& updated, const ConfigObject& stored) {
  const RoleRef role = read_cluster_role_binding(updated).role;
  if (role == read_cluster_role_binding(stored).role) return {};
  // Printed as Kubernetes' internal type, which has Go's names.
  std::string printed;
  {
    engine::JsonObject object(printed);
    object.text("APIGroup", role.api_group);
    object.text("Kind", role.kind);
    object.text("Name", role.name);
  }
  return {field::invalid_printed("roleRef", std::move(printed), "cannot change roleRef")};
}

// ---- printing -----------------------------------------------------------------------------------

std::string role_cells(const ConfigObject& object) {
  return json_list({object.meta.name, engine::rfc3339_seconds(object.meta.creation)});
}

std::string binding_cells(const ConfigObject& object) {
  const ClusterRoleBinding binding = read_cluster_role_binding(object);
  std::vector<std::string> users, groups, accounts;
  for (const Subject& subject : binding.subjects) {
    if (subject.kind == "User") users.push_back(subject.name);
    if (subject.kind == "Group") groups.push_back(subject.name);
    if (subject.kind == "ServiceAccount") accounts.push_back(subject.namespace_name + '/' + subject.name);
  }
  std::string cells = json_list({object.meta.name, binding.role.kind + '/' + binding.role.name});
  cells.back() = ',';
  return cells + "null," + json_list({joined(users), joined(groups), joined(accounts)}).substr(1);
}

template <class Reader>
std::unique_ptr<BodyReader> make_reader() {
  return std::make_unique<Reader>();
}

}  // namespace

void set_defaults(ClusterRoleBinding& binding) {
  if (binding.role.api_group.empty()) binding.role.api_group = rbac::group;
  for (Subject& subject : binding.subjects)
    if (subject.api_group.empty() && (subject.kind == "User" || subject.kind == "Group"))
      subject.api_group = rbac::group;
}

const ConfigFormat cluster_role_format{make_reader<RoleReader>, check_role, check_nothing, role_cells};
const ConfigFormat cluster_role_binding_format{make_reader<BindingReader>, check_binding,
                                               check_binding_change, binding_cells};

}  // namespace csrflow::api
