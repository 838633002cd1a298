// Reading: Go writes even empty strings and zero times, so both mean unset. proto2 does not look at the
// encoding of its strings; what is not UTF-8 is refused here, before it can reach the log.
#include "api/protobuf.hpp"

#include <k8s.pb.h>

#include "api/config_format.hpp"
#include "api/managed_entries.hpp"
#include "api/tree_body.hpp"
#include "api/utf8.hpp"

namespace csrflow::api {

namespace {

constexpr std::string_view magic("k8s\0", 4);

struct NotUtf8 {
  std::string field;
};

std::string text(const std::string& value, const char* field) {
  if (!valid_utf8(value)) throw NotUtf8{field};
  return value;
}

template <class Texts>
std::vector<std::string> texts(const Texts& values, const char* field) {
  std::vector<std::string> out;
  for (const std::string& value : values) out.push_back(text(value, field));
  return out;
}

engine::StringMap text_map(const google::protobuf::Map<std::string, std::string>& values, const char* field) {
  engine::StringMap out;
  for (const auto& [key, value] : values) out[text(key, field)] = text(value, field);
  return out;
}

/// Go's zero time is year 1; csrflow has no use for anything that far back.
std::optional<engine::Timestamp> time(const k8s::Time& value) {
  constexpr std::int64_t year_one = -62'135'596'800;
  constexpr std::int64_t year_ten_thousand = 253'402'300'800;
  const std::int64_t seconds = value.seconds();
  if (seconds <= year_one || seconds >= year_ten_thousand || (seconds == 0 && value.nanos() == 0)) {
    return std::nullopt;
  }
  return engine::from_seconds(seconds);
}

/// FieldsV1 that is no JSON says nothing.
std::string fields_json(const std::string& raw) {
  const auto value = parse_json(raw);
  std::string out;
  if (value && value->kind != JsonValue::Kind::null) append_value(out, *value);
  return out;
}

std::string managed_fields_of(const k8s::ObjectMeta& meta) {
  if (meta.managedfields().empty()) return {};
  const char* field = "metadata.managedFields";
  std::vector<ManagedEntry> entries;
  for (const k8s::ManagedFieldsEntry& from : meta.managedfields()) {
    ManagedEntry& to = entries.emplace_back();
    to.manager = text(from.manager(), field);
    to.operation = text(from.operation(), field);
    to.api_version = text(from.apiversion(), field);
    if (const auto at = time(from.time())) to.time = engine::rfc3339_seconds(*at);
    to.fields_type = text(from.fieldstype(), field);
    if (from.has_fieldsv1()) to.fields = fields_json(from.fieldsv1().raw());
    to.subresource = text(from.subresource(), field);
  }
  return managed_json(entries);
}

void read_meta(const k8s::ObjectMeta& from, SentObject& sent) {
  engine::ObjectMeta& meta = sent.meta;
  meta.name = text(from.name(), "metadata.name");
  meta.generate_name = text(from.generatename(), "metadata.generateName");
  meta.uid.text = text(from.uid(), "metadata.uid");
  sent.resource_version = text(from.resourceversion(), "metadata.resourceVersion");
  meta.generation = from.generation();
  if (from.has_creationtimestamp())
    meta.creation = time(from.creationtimestamp()).value_or(engine::Timestamp{});
  if (from.has_deletiontimestamp()) meta.deletion = time(from.deletiontimestamp());
  meta.labels = text_map(from.labels(), "metadata.labels");
  meta.annotations = text_map(from.annotations(), "metadata.annotations");
  meta.finalizers = texts(from.finalizers(), "metadata.finalizers");
  meta.managed_fields = managed_fields_of(from);
  for (const k8s::OwnerReference& owner : from.ownerreferences()) {
    const char* field = "metadata.ownerReferences";
    engine::OwnerReference& to = meta.owner_references.emplace_back();
    to = {text(owner.apiversion(), field),
          text(owner.kind(), field),
          text(owner.name(), field),
          text(owner.uid(), field),
          {},
          {}};
    if (owner.has_controller()) to.controller = owner.controller();
    if (owner.has_blockownerdeletion()) to.block_owner_deletion = owner.blockownerdeletion();
  }
}

void read_spec(const k8s::CertificateSigningRequestSpec& from, DecodedCsr& csr) {
  engine::CsrSpec& spec = csr.spec;
  spec.request = from.request();
  csr.request_present = from.has_request();
  spec.signer_name.text = text(from.signername(), "spec.signerName");
  spec.usages = texts(from.usages(), "spec.usages");
  if (from.has_expirationseconds()) spec.expiration_seconds = from.expirationseconds();
  spec.username = text(from.username(), "spec.username");
  spec.uid = text(from.uid(), "spec.uid");
  spec.groups = texts(from.groups(), "spec.groups");
  for (const auto& [key, value] : from.extra()) {
    spec.extra[text(key, "spec.extra")] = texts(value.items(), "spec.extra");
  }
}

void read_status(const k8s::CertificateSigningRequestStatus& from, engine::CsrStatus& status) {
  status.certificate = from.certificate();
  for (const k8s::CertificateSigningRequestCondition& condition : from.conditions()) {
    const char* field = "status.conditions";
    engine::Condition& to = status.conditions.emplace_back();
    to = {text(condition.type(), field),
          text(condition.status(), field),
          text(condition.reason(), field),
          text(condition.message(), field),
          {},
          {}};
    if (condition.has_lastupdatetime()) to.last_update = time(condition.lastupdatetime());
    if (condition.has_lasttransitiontime()) to.last_transition = time(condition.lasttransitiontime());
  }
}

/// The envelope, or a 400.
std::expected<k8s::Unknown, Status> open_envelope(std::string_view body, const std::string& kind) {
  k8s::Unknown unknown;
  if (!body.starts_with(magic)) {
    return std::unexpected(
        status::bad_request("the object provided is unrecognized (must be of type " + kind +
                            "): provided data does not appear to be a protobuf message, expected "
                            "prefix [107 56 115 0]"));
  }
  body.remove_prefix(magic.size());
  if (!unknown.ParseFromArray(body.data(), static_cast<int>(body.size())) ||
      !valid_utf8(unknown.typemeta().apiversion()) || !valid_utf8(unknown.typemeta().kind())) {
    return std::unexpected(status::bad_request("the object provided is unrecognized (must be of type " +
                                               kind + "): the protobuf envelope cannot be read"));
  }
  return unknown;
}

Status unreadable(const std::string& kind, const std::string& why) {
  return status::bad_request(kind + " in version \"v1\" cannot be handled as a " + kind + ": " + why);
}

/// The object inside the envelope; its fields are converted by `read`, which may throw NotUtf8.
template <class Message, class Read>
auto read_message(std::string_view raw, const std::string& kind, const Read& read)
    -> std::expected<decltype(read(Message())), Status> {
  Message message;
  if (!message.ParseFromArray(raw.data(), static_cast<int>(raw.size()))) {
    return std::unexpected(unreadable(kind, "proto: the message cannot be parsed"));
  }
  try {
    return read(message);
  } catch (const NotUtf8& problem) {
    return std::unexpected(unreadable(kind, "proto: field " + problem.field + " contains invalid UTF-8"));
  }
}

std::expected<void, Status> check_type(const k8s::Unknown& unknown, const Resource& resource) {
  const std::string& kind = unknown.typemeta().kind();
  const std::string& api_version = unknown.typemeta().apiversion();
  if ((kind.empty() || kind == resource.kind) &&
      (api_version.empty() || api_version == resource.api_version())) {
    return {};
  }
  return std::unexpected(unreadable(resource.kind, "no kind " + go_quote(kind) +
                                                       " is registered for version " + go_quote(api_version) +
                                                       " in scheme \"csrflow\""));
}

}  // namespace

std::expected<DecodedCsr, Status> csr_from_protobuf(std::string_view body) {
  const std::string kind = certificate_signing_requests().kind;
  const auto unknown = open_envelope(body, kind);
  if (!unknown) return std::unexpected(unknown.error());
  const k8s::TypeMeta& type = unknown->typemeta();
  if (const auto known = check_kind(certificate_signing_requests(), type.apiversion(), type.kind()); !known) {
    return std::unexpected(known.error());
  }
  return read_message<k8s::CertificateSigningRequest>(unknown->raw(), kind,
                                                      [&](const k8s::CertificateSigningRequest& message) {
                                                        DecodedCsr csr;
                                                        csr.api_version = type.apiversion();
                                                        csr.kind = type.kind();
                                                        read_meta(message.metadata(), csr);
                                                        read_spec(message.spec(), csr);
                                                        read_status(message.status(), csr.status);
                                                        return csr;
                                                      });
}

namespace {

ClusterRole role_of(const k8s::ClusterRole& from) {
  ClusterRole role;
  for (const k8s::PolicyRule& rule : from.rules())
    role.rules.push_back({texts(rule.verbs(), "rules.verbs"), texts(rule.apigroups(), "rules.apiGroups"),
                          texts(rule.resources(), "rules.resources"),
                          texts(rule.resourcenames(), "rules.resourceNames"),
                          texts(rule.nonresourceurls(), "rules.nonResourceURLs")});
  if (!from.has_aggregationrule()) return role;
  const char* field = "aggregationRule.clusterRoleSelectors";
  auto& selectors = role.aggregation.emplace();
  for (const k8s::LabelSelector& selector : from.aggregationrule().clusterroleselectors()) {
    LabelTerms& terms = selectors.emplace_back();
    terms.match_labels = text_map(selector.matchlabels(), field);
    for (const k8s::LabelSelectorRequirement& term : selector.matchexpressions())
      terms.match_expressions.push_back(
          {text(term.key(), field), text(term.operator_(), field), texts(term.values(), field)});
  }
  return role;
}

ClusterRoleBinding binding_of(const k8s::ClusterRoleBinding& from) {
  ClusterRoleBinding binding;
  for (const k8s::Subject& subject : from.subjects())
    binding.subjects.push_back(
        {text(subject.kind(), "subjects.kind"), text(subject.apigroup(), "subjects.apiGroup"),
         text(subject.name(), "subjects.name"), text(subject.namespace_(), "subjects.namespace")});
  binding.role = {text(from.roleref().apigroup(), "roleRef.apiGroup"),
                  text(from.roleref().kind(), "roleRef.kind"), text(from.roleref().name(), "roleRef.name")};
  set_defaults(binding);
  return binding;
}

}  // namespace

std::expected<DecodedConfig, Status> config_from_protobuf(const Resource& resource, std::string_view body) {
  const auto unknown = open_envelope(body, resource.kind);
  if (!unknown) return std::unexpected(unknown.error());
  const k8s::TypeMeta& type = unknown->typemeta();
  if (const auto known = check_kind(resource, type.apiversion(), type.kind()); !known)
    return std::unexpected(known.error());
  const auto read = [&](const auto& message, auto convert) {
    DecodedConfig sent;
    sent.api_version = type.apiversion();
    sent.kind = type.kind();
    read_meta(message.metadata(), sent);
    sent.body = body_of(convert(message));
    return sent;
  };
  if (&resource == &cluster_roles())
    return read_message<k8s::ClusterRole>(
        unknown->raw(), resource.kind,
        [&](const k8s::ClusterRole& message) { return read(message, role_of); });
  if (&resource == &cluster_role_bindings())
    return read_message<k8s::ClusterRoleBinding>(
        unknown->raw(), resource.kind,
        [&](const k8s::ClusterRoleBinding& message) { return read(message, binding_of); });
  return std::unexpected(status::unsupported_media_type());
}

std::expected<DecodedDeleteOptions, Status> delete_options_from_protobuf(std::string_view body) {
  const std::string kind = "DeleteOptions";
  const auto unknown = open_envelope(body, kind);
  if (!unknown) return std::unexpected(unknown.error());
  if (!unknown->typemeta().kind().empty() && unknown->typemeta().kind() != kind) {
    return std::unexpected(status::bad_request(
        "no kind " + go_quote(unknown->typemeta().kind()) + " is registered for version " +
        go_quote(unknown->typemeta().apiversion()) + " in scheme \"csrflow\""));
  }
  return read_message<k8s::DeleteOptions>(unknown->raw(), kind, [](const k8s::DeleteOptions& message) {
    DecodedDeleteOptions options;
    const k8s::Preconditions& preconditions = message.preconditions();
    if (!preconditions.uid().empty()) options.uid = text(preconditions.uid(), "preconditions.uid");
    if (!preconditions.resourceversion().empty()) {
      options.resource_version = text(preconditions.resourceversion(), "preconditions.resourceVersion");
    }
    options.propagation = text(message.propagationpolicy(), "propagationPolicy");
    if (options.propagation.empty() && message.has_orphandependents()) {
      options.propagation = message.orphandependents() ? "Orphan" : "Background";
    }
    options.dry_run = message.dryrun_size() > 0;
    return options;
  });
}

namespace {

std::optional<AskedSelector> read_selector(bool there, const k8s::SelectorAttributes& from) {
  if (!there) return std::nullopt;
  const char* field = "spec.resourceAttributes";
  AskedSelector selector;
  selector.raw = text(from.rawselector(), field);
  for (const k8s::SelectorRequirement& term : from.requirements())
    selector.requirements.push_back(
        {text(term.key(), field), text(term.operator_(), field), texts(term.values(), field)});
  return selector;
}

AskedResource read_asked_resource(const k8s::ResourceAttributes& from) {
  const char* field = "spec.resourceAttributes";
  return {.namespace_name = text(from.namespace_(), field),
          .verb = text(from.verb(), field),
          .group = text(from.group(), field),
          .version = text(from.version(), field),
          .resource = text(from.resource(), field),
          .subresource = text(from.subresource(), field),
          .name = text(from.name(), field),
          .fields = read_selector(from.has_fieldselector(), from.fieldselector()),
          .labels = read_selector(from.has_labelselector(), from.labelselector())};
}

SentAccessReview read_access_review(const k8s::SubjectAccessReview& message) {
  SentAccessReview sent;
  read_meta(message.metadata(), sent);
  AccessReview& review = sent.review;
  review.namespace_name = text(message.metadata().namespace_(), "metadata.namespace");
  const k8s::SubjectAccessReviewSpec& spec = message.spec();
  if (spec.has_resourceattributes()) review.resource = read_asked_resource(spec.resourceattributes());
  if (spec.has_nonresourceattributes()) {
    const char* field = "spec.nonResourceAttributes";
    review.path = AskedPath{text(spec.nonresourceattributes().path(), field),
                            text(spec.nonresourceattributes().verb(), field)};
  }
  review.user = text(spec.user(), "spec.user");
  review.uid = text(spec.uid(), "spec.uid");
  review.groups = texts(spec.groups(), "spec.groups");
  for (const auto& [key, values] : spec.extra())
    review.extra[text(key, "spec.extra")] = texts(values.items(), "spec.extra");
  return sent;
}

}  // namespace

std::expected<SentAccessReview, Status> access_review_from_protobuf(const Resource& kind,
                                                                    std::string_view body) {
  const auto unknown = open_envelope(body, kind.kind);
  if (!unknown) return std::unexpected(unknown.error());
  if (const auto known = check_type(*unknown, kind); !known) return std::unexpected(known.error());
  return read_message<k8s::SubjectAccessReview>(unknown->raw(), kind.kind, read_access_review);
}

std::expected<SentRulesReview, Status> rules_review_from_protobuf(std::string_view body) {
  const Resource& kind = self_subject_rules_reviews();
  const auto unknown = open_envelope(body, kind.kind);
  if (!unknown) return std::unexpected(unknown.error());
  if (const auto known = check_type(*unknown, kind); !known) return std::unexpected(known.error());
  return read_message<k8s::SelfSubjectRulesReview>(
      unknown->raw(), kind.kind, [](const k8s::SelfSubjectRulesReview& message) {
        SentRulesReview sent;
        sent.namespace_name = text(message.spec().namespace_(), "spec.namespace");
        return sent;
      });
}

std::expected<SentObject, Status> self_subject_review_from_protobuf(std::string_view body) {
  const Resource& resource = self_subject_reviews();
  const auto unknown = open_envelope(body, resource.kind);
  if (!unknown) return std::unexpected(unknown.error());
  if (const auto known = check_type(*unknown, resource); !known) return std::unexpected(known.error());
  return SentObject{};
}

std::expected<TokenReviewSpec, Status> token_review_from_protobuf(std::string_view body) {
  const Resource& resource = token_reviews();
  const auto unknown = open_envelope(body, resource.kind);
  if (!unknown) return std::unexpected(unknown.error());
  if (const auto known = check_type(*unknown, resource); !known) return std::unexpected(known.error());
  return read_message<k8s::TokenReview>(unknown->raw(), resource.kind, [](const k8s::TokenReview& message) {
    TokenReviewSpec sent;
    read_meta(message.metadata(), sent);
    sent.token = text(message.spec().token(), "spec.token");
    sent.audiences = texts(message.spec().audiences(), "spec.audiences");
    return sent;
  });
}

}  // namespace csrflow::api
