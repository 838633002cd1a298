#include "api/write.hpp"

#include <algorithm>

#include "api/validation.hpp"

namespace csrflow::api {

namespace {

using engine::Condition;
using engine::CsrObject;
using engine::CsrStatus;
using engine::Timestamp;

constexpr std::size_t max_generated_prefix = 58;  // 63 − 5, as kube-apiserver
constexpr std::size_t suffix_length = 5;
// Without vowels and what looks like one, so that no words come out (apimachinery util/rand).
constexpr std::string_view suffix_alphabet = "bcdfghjklmnpqrstvwxz2456789";

}  // namespace

std::string generated_name(std::string_view prefix, std::span<const std::uint8_t, 16> random) {
  std::string name(prefix.substr(0, max_generated_prefix));
  for (std::size_t i = 0; i < suffix_length; ++i) {
    // 16 bits a character: the bias of the remainder is below one in two thousand.
    const unsigned drawn = static_cast<unsigned>(random[2 * i]) << 8 | random[2 * i + 1];
    name += suffix_alphabet[drawn % suffix_alphabet.size()];
  }
  return name;
}

engine::ObjectMeta prepared_metadata(const SentObject& sent, const engine::Uid& uid, Timestamp now,
                                     std::span<const std::uint8_t, 16> random) {
  engine::ObjectMeta meta = sent.meta;
  meta.uid = uid;
  meta.creation = now.cut_to_seconds();
  meta.deletion.reset();
  meta.managed_fields.clear();
  if (meta.name.empty() && !meta.generate_name.empty())
    meta.name = generated_name(meta.generate_name, random);
  return meta;
}

std::expected<void, Status> check_unversioned(const SentObject& sent) {
  // What is no number passes here, as in Kubernetes.
  const auto version = parse_uint(sent.resource_version);
  if (version && *version != 0)
    return std::unexpected(status::plain_error("resourceVersion should not be set on objects to be created"));
  return {};
}

CsrObject prepare_create(DecodedCsr& sent, const engine::Identity& requester, const engine::Uid& uid,
                         Timestamp now, std::span<const std::uint8_t, 16> random) {
  CsrObject object;
  object.meta = prepared_metadata(sent, uid, now, random);
  auto spec = std::make_shared<engine::CsrSpec>(std::move(sent.spec));
  spec->username = requester.user;
  spec->uid = requester.uid;
  spec->groups = requester.groups;
  spec->extra = requester.extra;
  object.spec = std::move(spec);
  return object;
}

std::expected<void, Status> check_create(const CsrObject& object, const DecodedCsr& sent,
                                         const engine::PkixInspector& inspector) {
  const CreateCheck check = validate_create(object, sent.request_present, inspector);
  if (!check.errors.empty()) {
    return std::unexpected(
        status::invalid(certificate_signing_requests().kind_name(), object.meta.name, check.errors));
  }
  if (check.subject) {
    if (const auto admitted = restrict_subject(object, *check.subject); !admitted) {
      return std::unexpected(admitted.error());
    }
  }
  return check_unversioned(sent);
}

std::expected<void, Status> check_url_name(const SentObject& sent, const std::string& url_name) {
  if (sent.meta.name == url_name) return {};
  if (sent.meta.name.empty()) {
    return std::unexpected(status::bad_request("the name of the object (" + url_name +
                                               " based on URL) was undeterminable: name must be provided"));
  }
  return std::unexpected(status::bad_request("the name of the object (" + sent.meta.name +
                                             ") does not match the name on the URL (" + url_name + ")"));
}

std::expected<void, Status> check_versions(const Resource& resource, const engine::ObjectMeta& stored,
                                           engine::Position version, const SentObject& sent, bool patch) {
  // A patch that changes the uid is an update of an immutable field; a PUT names another object.
  if (!patch && !sent.meta.uid.text.empty() && sent.meta.uid != stored.uid) {
    return std::unexpected(
        status::uid_conflict(resource.resource_name(), stored.name, sent.meta.uid.text, stored.uid.text));
  }
  if (sent.resource_version.empty()) return {};
  const auto number = parse_uint(sent.resource_version);
  if (!number) return std::unexpected(status::plain_error(number.error()));
  if (*number != 0 && *number != version.value)
    return std::unexpected(status::modified(resource.resource_name(), stored.name));
  return {};
}

engine::ObjectMeta kept_metadata(engine::ObjectMeta meta, const SentObject& sent) {
  meta.generate_name = sent.meta.generate_name;
  meta.labels = sent.meta.labels;
  meta.annotations = sent.meta.annotations;
  meta.owner_references = sent.meta.owner_references;
  meta.finalizers = sent.meta.finalizers;
  if (!sent.meta.uid.text.empty()) meta.uid = sent.meta.uid;
  if (!meta.deletion) meta.deletion = sent.meta.deletion;
  return meta;
}

namespace {

/// Restores stored entries of a type when their number is the same.
void keep_conditions(CsrStatus& updated, const CsrStatus& stored, std::string_view type) {
  std::vector<Condition*> there;
  std::vector<const Condition*> kept;
  for (Condition& condition : updated.conditions) {
    if (condition.type == type) there.push_back(&condition);
  }
  for (const Condition& condition : stored.conditions) {
    if (condition.type == type) kept.push_back(&condition);
  }
  if (there.size() != kept.size()) return;
  for (std::size_t i = 0; i < kept.size(); ++i) *there[i] = *kept[i];
}

void default_times(CsrStatus& updated, const CsrStatus& stored, Timestamp now) {
  for (Condition& condition : updated.conditions) {
    if (!condition.last_update) condition.last_update = now;
    if (condition.last_transition) continue;
    const auto same = std::ranges::find_if(stored.conditions, [&](const Condition& other) {
      return other.type == condition.type && other.status == condition.status && other.last_transition;
    });
    condition.last_transition = same == stored.conditions.end() ? now : same->last_transition;
  }
}

CsrObject preserve(Endpoint endpoint, const CsrObject& stored, const DecodedCsr& sent, Timestamp now) {
  CsrObject updated = stored;  // spec and status stay unless the endpoint says otherwise
  updated.meta = kept_metadata(stored.meta, sent);
  if (endpoint == Endpoint::main) return updated;
  updated.status.conditions = sent.status.conditions;
  if (endpoint == Endpoint::status) {
    updated.status.certificate = sent.status.certificate;
    keep_conditions(updated.status, stored.status, engine::condition::approved);
    keep_conditions(updated.status, stored.status, engine::condition::denied);
  }
  default_times(updated.status, stored.status, now.cut_to_seconds());
  return updated;
}

}  // namespace

std::expected<PreparedUpdate, Status> prepare_update(Endpoint endpoint, const CsrObject& stored,
                                                     engine::Position version, const DecodedCsr& sent,
                                                     bool patch, Timestamp now,
                                                     const engine::PkixInspector& inspector) {
  if (const auto current = check_versions(certificate_signing_requests(), stored.meta, version, sent, patch);
      !current) {
    return std::unexpected(current.error());
  }
  PreparedUpdate update;
  update.object = preserve(endpoint, stored, sent, now);
  UpdateCheck check = validate_update(endpoint, stored, update.object, inspector);
  if (!check.errors.empty()) {
    return std::unexpected(
        status::invalid(certificate_signing_requests().kind_name(), stored.meta.name, check.errors));
  }
  update.change = engine::difference(stored, update.object);
  update.certificate = std::move(check.certificate);
  update.signs = endpoint == Endpoint::status && (update.change.conditions || update.change.certificate);
  return update;
}

}  // namespace csrflow::api
