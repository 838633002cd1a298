// Reading: Go writes even empty strings and zero times, so both mean unset. proto2 does not look at the
// encoding of its strings; what is not UTF-8 is refused here, before it can reach the log.
#include "api/protobuf.hpp"

#include <k8s.pb.h>

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

void read_meta(const k8s::ObjectMeta& from, DecodedCsr& csr) {
  engine::ObjectMeta& meta = csr.meta;
  meta.name = text(from.name(), "metadata.name");
  meta.generate_name = text(from.generatename(), "metadata.generateName");
  meta.uid.text = text(from.uid(), "metadata.uid");
  csr.resource_version = text(from.resourceversion(), "metadata.resourceVersion");
  meta.generation = from.generation();
  if (from.has_creationtimestamp())
    meta.creation = time(from.creationtimestamp()).value_or(engine::Timestamp{});
  if (from.has_deletiontimestamp()) meta.deletion = time(from.deletiontimestamp());
  meta.labels = text_map(from.labels(), "metadata.labels");
  meta.annotations = text_map(from.annotations(), "metadata.annotations");
  meta.finalizers = texts(from.finalizers(), "metadata.finalizers");
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
  if (const auto known = check_csr_kind(type.apiversion(), type.kind()); !known) {
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

std::expected<AccessReviewSpec, Status> access_review_from_protobuf(std::string_view body) {
  const Resource& resource = self_subject_access_reviews();
  const auto unknown = open_envelope(body, resource.kind);
  if (!unknown) return std::unexpected(unknown.error());
  if (const auto known = check_type(*unknown, resource); !known) return std::unexpected(known.error());
  return read_message<k8s::SelfSubjectAccessReview>(
      unknown->raw(), resource.kind, [](const k8s::SelfSubjectAccessReview& message) {
        AccessReviewSpec spec;
        if (message.spec().has_resourceattributes()) {
          const k8s::ResourceAttributes& from = message.spec().resourceattributes();
          const char* field = "spec.resourceAttributes";
          spec.resource = ResourceAttributes{text(from.namespace_(), field), text(from.verb(), field),
                                             text(from.group(), field),      text(from.version(), field),
                                             text(from.resource(), field),   text(from.subresource(), field),
                                             text(from.name(), field)};
        }
        if (message.spec().has_nonresourceattributes()) {
          const k8s::NonResourceAttributes& from = message.spec().nonresourceattributes();
          const char* field = "spec.nonResourceAttributes";
          spec.non_resource = NonResourceAttributes{text(from.path(), field), text(from.verb(), field)};
        }
        return spec;
      });
}

std::expected<void, Status> self_subject_review_from_protobuf(std::string_view body) {
  const Resource& resource = self_subject_reviews();
  const auto unknown = open_envelope(body, resource.kind);
  if (!unknown) return std::unexpected(unknown.error());
  return check_type(*unknown, resource);
}

std::expected<TokenReviewSpec, Status> token_review_from_protobuf(std::string_view body) {
  const Resource& resource = token_reviews();
  const auto unknown = open_envelope(body, resource.kind);
  if (!unknown) return std::unexpected(unknown.error());
  if (const auto known = check_type(*unknown, resource); !known) return std::unexpected(known.error());
  return read_message<k8s::TokenReview>(unknown->raw(), resource.kind, [](const k8s::TokenReview& message) {
    return TokenReviewSpec{text(message.spec().token(), "spec.token"),
                           texts(message.spec().audiences(), "spec.audiences")};
  });
}

}  // namespace csrflow::api
