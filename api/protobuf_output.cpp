// Answers in protobuf: made of the same JSON that other clients get, so that the two never differ.
#include <k8s.pb.h>

#include <charconv>

#include "api/config_fields.hpp"
#include "api/csr_fields.hpp"
#include "api/managed_entries.hpp"
#include "api/meta_fields.hpp"
#include "api/protobuf.hpp"
#include "api/protobuf_read_only.hpp"
#include "api/rbac_objects.hpp"

namespace csrflow::api {

namespace {

constexpr std::string_view magic("k8s\0", 4);

void write_time(const std::optional<engine::Timestamp>& from, k8s::Time& to) {
  if (!from) return;
  to.set_seconds(from->whole_seconds());
  to.set_nanos(0);
}

void write_managed_fields(const engine::ObjectMeta& meta, k8s::ObjectMeta& to) {
  if (meta.managed_fields.empty()) return;
  for (const ManagedEntry& entry : managed_entries(meta.managed_fields)) {
    k8s::ManagedFieldsEntry& written = *to.add_managedfields();
    written.set_manager(entry.manager);
    written.set_operation(entry.operation);
    written.set_apiversion(entry.api_version);
    if (const auto time = engine::parse_rfc3339(entry.time)) write_time(*time, *written.mutable_time());
    written.set_fieldstype(entry.fields_type);
    if (!entry.fields.empty()) written.mutable_fieldsv1()->set_raw(entry.fields);
    written.set_subresource(entry.subresource);
  }
}

void write_meta(const SentObject& sent, k8s::ObjectMeta& to) {
  const engine::ObjectMeta& meta = sent.meta;
  to.set_name(meta.name);
  to.set_generatename(meta.generate_name);
  to.set_uid(meta.uid.text);
  to.set_resourceversion(sent.resource_version);
  to.set_generation(meta.generation);
  write_time(meta.creation, *to.mutable_creationtimestamp());
  if (meta.deletion) {
    write_time(meta.deletion, *to.mutable_deletiontimestamp());
    to.set_deletiongraceperiodseconds(0);
  }
  to.mutable_labels()->insert(meta.labels.begin(), meta.labels.end());
  to.mutable_annotations()->insert(meta.annotations.begin(), meta.annotations.end());
  to.mutable_finalizers()->Add(meta.finalizers.begin(), meta.finalizers.end());
  for (const engine::OwnerReference& owner : meta.owner_references) {
    k8s::OwnerReference& reference = *to.add_ownerreferences();
    reference.set_kind(owner.kind);
    reference.set_name(owner.name);
    reference.set_uid(owner.uid);
    reference.set_apiversion(owner.api_version);
    if (owner.controller) reference.set_controller(*owner.controller);
    if (owner.block_owner_deletion) reference.set_blockownerdeletion(*owner.block_owner_deletion);
  }
  write_managed_fields(meta, to);
}

void write_spec(const engine::CsrSpec& spec, k8s::CertificateSigningRequestSpec& to) {
  to.set_request(spec.request);
  to.set_username(spec.username);
  to.set_uid(spec.uid);
  to.mutable_groups()->Add(spec.groups.begin(), spec.groups.end());
  to.mutable_usages()->Add(spec.usages.begin(), spec.usages.end());
  for (const auto& [key, values] : spec.extra) {
    (*to.mutable_extra())[key].mutable_items()->Add(values.begin(), values.end());
  }
  to.set_signername(spec.signer_name.text);
  if (spec.expiration_seconds) to.set_expirationseconds(*spec.expiration_seconds);
}

void write_status(const engine::CsrStatus& status, k8s::CertificateSigningRequestStatus& to) {
  for (const engine::Condition& condition : status.conditions) {
    k8s::CertificateSigningRequestCondition& written = *to.add_conditions();
    written.set_type(condition.type);
    written.set_reason(condition.reason);
    written.set_message(condition.message);
    write_time(condition.last_update, *written.mutable_lastupdatetime());
    write_time(condition.last_transition, *written.mutable_lasttransitiontime());
    written.set_status(condition.status);
  }
  if (!status.certificate.empty()) to.set_certificate(status.certificate);
}

void write_object(const JsonValue& from, k8s::CertificateSigningRequest& to) {
  std::vector<std::string> unknown;
  const DecodedCsr csr = read_csr(from, unknown);
  write_meta(csr, *to.mutable_metadata());
  write_spec(csr.spec, *to.mutable_spec());
  write_status(csr.status, *to.mutable_status());
}

void write_object(const JsonValue& from, k8s::ClusterRole& to) {
  std::vector<std::string> unknown;
  const DecodedConfig sent = read_config(cluster_roles(), from, unknown);
  write_meta(sent, *to.mutable_metadata());
  const ClusterRole role = read_cluster_role(*sent.body);
  for (const PolicyRule& rule : role.rules) {
    k8s::PolicyRule& written = *to.add_rules();
    written.mutable_verbs()->Add(rule.verbs.begin(), rule.verbs.end());
    written.mutable_apigroups()->Add(rule.api_groups.begin(), rule.api_groups.end());
    written.mutable_resources()->Add(rule.resources.begin(), rule.resources.end());
    written.mutable_resourcenames()->Add(rule.resource_names.begin(), rule.resource_names.end());
    written.mutable_nonresourceurls()->Add(rule.non_resource_urls.begin(), rule.non_resource_urls.end());
  }
  if (!role.aggregation) return;
  k8s::AggregationRule& aggregation = *to.mutable_aggregationrule();
  for (const LabelTerms& terms : *role.aggregation) {
    k8s::LabelSelector& selector = *aggregation.add_clusterroleselectors();
    selector.mutable_matchlabels()->insert(terms.match_labels.begin(), terms.match_labels.end());
    for (const auto& [key, op, values] : terms.match_expressions) {
      k8s::LabelSelectorRequirement& requirement = *selector.add_matchexpressions();
      requirement.set_key(key);
      requirement.set_operator_(op);
      requirement.mutable_values()->Add(values.begin(), values.end());
    }
  }
}

void write_object(const JsonValue& from, k8s::ClusterRoleBinding& to) {
  std::vector<std::string> unknown;
  const DecodedConfig sent = read_config(cluster_role_bindings(), from, unknown);
  write_meta(sent, *to.mutable_metadata());
  const ClusterRoleBinding binding = read_cluster_role_binding(*sent.body);
  for (const Subject& subject : binding.subjects) {
    k8s::Subject& written = *to.add_subjects();
    written.set_kind(subject.kind);
    written.set_apigroup(subject.api_group);
    written.set_name(subject.name);
    written.set_namespace_(subject.namespace_name);
  }
  to.mutable_roleref()->set_apigroup(binding.role.api_group);
  to.mutable_roleref()->set_kind(binding.role.kind);
  to.mutable_roleref()->set_name(binding.role.name);
}

std::string text_of(const JsonValue& object, std::string_view key) {
  const JsonValue* value = object.find(key);
  return value ? value->text : std::string();
}
template <class Number>
Number number_of(const JsonValue& object, std::string_view key) {
  Number number = 0;
  const std::string digits = text_of(object, key);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

template <class List>
void write_list(const JsonValue& from, List& to) {
  if (const JsonValue* meta = from.find("metadata")) {
    to.mutable_metadata()->set_resourceversion(text_of(*meta, "resourceVersion"));
    to.mutable_metadata()->set_continue_(text_of(*meta, "continue"));
    if (meta->find("remainingItemCount")) {
      to.mutable_metadata()->set_remainingitemcount(number_of<std::int64_t>(*meta, "remainingItemCount"));
    }
  }
  if (const JsonValue* items = from.find("items")) {
    for (const JsonValue& item : items->items) write_object(item, *to.add_items());
  }
}

void write_outcome(const JsonValue& from, k8s::Status& to) {
  to.mutable_metadata();
  to.set_status(text_of(from, "status"));
  to.set_message(text_of(from, "message"));
  to.set_reason(text_of(from, "reason"));
  to.set_code(number_of<std::int32_t>(from, "code"));
  const JsonValue* details = from.find("details");
  if (!details) return;
  k8s::StatusDetails& written = *to.mutable_details();
  written.set_name(text_of(*details, "name"));
  written.set_group(text_of(*details, "group"));
  written.set_kind(text_of(*details, "kind"));
  written.set_uid(text_of(*details, "uid"));
  written.set_retryafterseconds(number_of<std::int32_t>(*details, "retryAfterSeconds"));
  if (const JsonValue* causes = details->find("causes")) {
    for (const JsonValue& cause : causes->items) {
      k8s::StatusCause& to_cause = *written.add_causes();
      to_cause.set_reason(text_of(cause, "reason"));
      to_cause.set_message(text_of(cause, "message"));
      to_cause.set_field(text_of(cause, "field"));
    }
  }
}

std::vector<std::string> texts_of(const JsonValue& object, std::string_view key) {
  std::vector<std::string> texts;
  if (const JsonValue* list = object.find(key))
    for (const JsonValue& item : list->items) texts.push_back(item.text);
  return texts;
}

void write_user(const JsonValue& from, k8s::UserInfo& to) {
  to.set_username(text_of(from, "username"));
  to.set_uid(text_of(from, "uid"));
  for (auto& group : texts_of(from, "groups")) to.add_groups(std::move(group));
  const JsonValue* extra = from.find("extra");
  if (!extra) return;
  for (const JsonMember& member : extra->members)
    for (auto& value : texts_of(*extra, member.key)) (*to.mutable_extra())[member.key].add_items(value);
}

SentObject sent_metadata(const JsonValue& from) {
  SentObject sent;
  FieldReader reader("ObjectMeta");
  if (const JsonValue* metadata = from.find("metadata")) read_metadata(reader, *metadata, sent);
  return sent;
}

void write_token_review(const JsonValue& from, k8s::TokenReview& to) {
  write_meta(sent_metadata(from), *to.mutable_metadata());
  if (const JsonValue* spec = from.find("spec")) {
    to.mutable_spec()->set_token(text_of(*spec, "token"));
    for (auto& audience : texts_of(*spec, "audiences")) to.mutable_spec()->add_audiences(std::move(audience));
  }
  const JsonValue* status = from.find("status");
  if (!status) return;
  const JsonValue* authenticated = status->find("authenticated");
  to.mutable_status()->set_authenticated(authenticated && authenticated->boolean);
  if (const JsonValue* user = status->find("user")) write_user(*user, *to.mutable_status()->mutable_user());
  to.mutable_status()->set_error(text_of(*status, "error"));
  for (auto& audience : texts_of(*status, "audiences"))
    to.mutable_status()->add_audiences(std::move(audience));
}

std::string enveloped(const JsonValue& root, const std::string& message) {
  k8s::Unknown unknown;
  unknown.mutable_typemeta()->set_apiversion(text_of(root, "apiVersion"));
  unknown.mutable_typemeta()->set_kind(text_of(root, "kind"));
  unknown.set_raw(message);
  unknown.set_contentencoding("");
  unknown.set_contenttype("");
  return std::string(magic) + unknown.SerializeAsString();
}
std::string enveloped(const JsonValue& root, const google::protobuf::MessageLite& message) {
  return enveloped(root, message.SerializeAsString());
}

}  // namespace

std::optional<std::string> protobuf_of_json(std::string_view json) {
  const auto root = parse_json(json);
  if (!root) return std::nullopt;
  const std::string kind = text_of(*root, "kind");
  try {
    const auto written = [&](auto message) {
      write_object(*root, message);
      return enveloped(*root, message);
    };
    const auto list_written = [&](auto message) {
      write_list(*root, message);
      return enveloped(*root, message);
    };
    if (kind == "CertificateSigningRequest") return written(k8s::CertificateSigningRequest());
    if (kind == "CertificateSigningRequestList") return list_written(k8s::CertificateSigningRequestList());
    if (kind == "ClusterRole") return written(k8s::ClusterRole());
    if (kind == "ClusterRoleList") return list_written(k8s::ClusterRoleList());
    if (kind == "ClusterRoleBinding") return written(k8s::ClusterRoleBinding());
    if (kind == "ClusterRoleBindingList") return list_written(k8s::ClusterRoleBindingList());
  } catch (const FieldMismatch&) {
    return std::nullopt;
  }
  if (kind == "TokenReview") {
    k8s::TokenReview message;
    write_token_review(*root, message);
    return enveloped(*root, message);
  }
  if (kind == "Status") {
    k8s::Status message;
    write_outcome(*root, message);
    return enveloped(*root, message);
  }
  if (const auto message = read_only_message(*root)) return enveloped(*root, *message);
  return std::nullopt;
}

}  // namespace csrflow::api
