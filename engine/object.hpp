// The CertificateSigningRequest as a value, and what one write changes of it.
#pragma once

#include <memory>
#include <optional>

#include "engine/types.hpp"

namespace csrflow::engine {

struct OwnerReference {
  std::string api_version, kind, name, uid;
  std::optional<bool> controller, block_owner_deletion;
  auto operator<=>(const OwnerReference&) const = default;
};

/// Kubernetes' metav1.ObjectMeta as far as a cluster-scoped object has it; without resourceVersion, which is
/// the position of the object's last event.
struct ObjectMeta {
  std::string name;
  std::string generate_name;
  Uid uid;
  std::int64_t generation = 0;
  Timestamp creation;
  std::optional<Timestamp> deletion;
  StringMap labels;
  StringMap annotations;
  std::vector<OwnerReference> owner_references;
  std::vector<std::string> finalizers;
  /// JSON array text; empty when there is none.
  std::string managed_fields;
  bool operator==(const ObjectMeta&) const = default;
};

/// The request as submitted and who submitted it; never changes.
struct CsrSpec {
  Bytes request;  ///< PEM, byte for byte as sent
  SignerName signer_name;
  std::optional<std::int32_t> expiration_seconds;
  std::vector<std::string> usages;
  std::string username, uid;
  std::vector<std::string> groups;
  StringLists extra;
  bool operator==(const CsrSpec&) const = default;
};

struct Condition {
  std::string type;
  std::string status;
  std::string reason;
  std::string message;
  std::optional<Timestamp> last_update, last_transition;
  bool operator==(const Condition&) const = default;
};

struct CsrStatus {
  std::vector<Condition> conditions;
  Bytes certificate;  ///< PEM, leaf first; empty when there is none
  bool operator==(const CsrStatus&) const = default;

  const Condition* find(std::string_view type) const;
  bool has(std::string_view type) const { return find(type) != nullptr; }
};

struct CsrObject {
  ObjectMeta meta;
  std::shared_ptr<const CsrSpec> spec;
  CsrStatus status;
};

/// An RFC 7396 merge patch over metadata and status, as a value. In the maps, no value = remove the key;
/// lists are whole. Absent members stay as they are.
struct ObjectChange {
  std::map<std::string, std::optional<std::string>> labels, annotations;
  std::optional<std::string> generate_name;
  std::optional<Timestamp> deletion;
  std::optional<std::vector<OwnerReference>> owner_references;
  std::optional<std::vector<std::string>> finalizers;
  std::optional<std::string> managed_fields;
  std::optional<std::vector<Condition>> conditions;
  std::optional<Bytes> certificate;
  bool operator==(const ObjectChange&) const = default;

  bool empty() const { return *this == ObjectChange{}; }
};

/// The object after the change.
void apply(CsrObject&, const ObjectChange&);
/// What must be applied to `before` to get `after`; empty when they are equal. The spec, name, uid and
/// creation time are not compared: they never change.
ObjectChange difference(const CsrObject& before, const CsrObject& after);

namespace annotation {
constexpr std::string_view rotation = "csrflow.io/rotation";
constexpr std::string_view issued_at = "csrflow.io/issued-at";
constexpr std::string_view predecessor = "csrflow.io/predecessor";
constexpr std::string_view successor = "csrflow.io/successor";
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";
}  // namespace annotation

namespace label {
/// The host whose agent looks after the request's certificate.
constexpr std::string_view agent = "csrflow.io/agent";
}  // namespace label

namespace condition {
constexpr std::string_view approved = "Approved";
constexpr std::string_view denied = "Denied";
constexpr std::string_view failed = "Failed";
constexpr std::string_view rotation_due = "RotationDue";
constexpr std::string_view installed = "Installed";
}  // namespace condition

}  // namespace csrflow::engine
