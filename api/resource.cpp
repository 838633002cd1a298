#include "api/resource.hpp"

#include <algorithm>
#include <array>

#include "api/access_review.hpp"
#include "api/columns.hpp"
#include "api/config_format.hpp"
#include "api/digest.hpp"
#include "api/happenings.hpp"
#include "api/namespaces.hpp"
#include "api/own_kinds.hpp"
#include "api/schemas.hpp"
#include "api/trust_bundles.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {

namespace {

// The words are Kubernetes' own: clients show them, and recorded answers are compared with them.
std::vector<Column> csr_columns() {
  return {{"Name", "name", column::name},
          {"Age", "", column::creation},
          {"SignerName", "",
           "Requested signer for the request. It is a qualified name in the form: "
           "`scope-hostname.io/name`. If empty, it will be defaulted:\n"
           " 1. If it's a kubelet client certificate, it is assigned\n"
           "    \"kubernetes.io/kube-apiserver-client-kubelet\".\n"
           " 2. If it's a kubelet serving certificate, it is assigned\n"
           "    \"kubernetes.io/kubelet-serving\".\n"
           " 3. Otherwise, it is assigned \"kubernetes.io/legacy-unknown\".\n"
           "Distribution of trust for signers happens out of band. You can select on this field using "
           "`spec.signerName`."},
          {"Requestor", "", "Base64-encoded PKCS#10 CSR data"},
          {"RequestedDuration", "",
           "expirationSeconds is the requested duration of validity of the issued certificate. The "
           "certificate signer may issue a certificate with a different validity duration so a client must "
           "check the delta between the notBefore and and notAfter fields in the issued certificate to "
           "determine the actual duration.\n"
           "\n"
           "The v1.22+ in-tree implementations of the well-known Kubernetes signers will honor this field "
           "as long as the requested duration is not greater than the maximum duration they will honor per "
           "the --cluster-signing-duration CLI flag to the Kubernetes controller manager.\n"
           "\n"
           "Certificate signers may not honor this field for various reasons:\n"
           "\n"
           "  1. Old signer that is unaware of the field (such as the in-tree\n"
           "     implementations prior to v1.22)\n"
           "  2. Signer whose configured maximum is shorter than the requested duration\n"
           "  3. Signer whose configured minimum is longer than the requested duration\n"
           "\n"
           "The minimum valid value for expirationSeconds is 600, i.e. 10 minutes."},
          {"Condition", "", "Conditions applied to the request, such as approval or denial."}};
}

Resource describe_csr() {
  const std::vector<std::string> written = {"get", "patch", "update"};
  return {
      .group = "certificates.k8s.io",
      .version = "v1",
      .kind = "CertificateSigningRequest",
      .list_kind = "CertificateSigningRequestList",
      .plural = "certificatesigningrequests",
      .singular = "certificatesigningrequest",
      .short_names = {"csr"},
      .scope = Scope::cluster,
      .verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"},
      .subresources = {{"approval", written, {"spec", "status.certificate"}},
                       {"status", written, {"spec", "status.conditions"}}},
      .columns = csr_columns(),
      .age_column = 1,
      .selectable_fields = {"spec.signerName"},
      .stream_category = "csr",
      .storage_version_hash = storage_version_hash("certificates.k8s.io", "v1", "CertificateSigningRequest"),
      .schema_name = "io.k8s.api.certificates.v1.CertificateSigningRequest",
      .schemas = csr_schemas,
      .zero_members = R"("spec":{"request":null,"signerName":""},"status":{})",
      .reset_fields = {"spec", "status"}};
}

/// A kind that is asked and answered, never stored.
Resource describe_review(std::string group, std::string kind, std::string plural, std::string schema_name,
                         std::string_view schemas) {
  return {.group = std::move(group),
          .version = "v1",
          .kind = std::move(kind),
          .list_kind = {},
          .plural = plural,
          .singular = plural.substr(0, plural.size() - 1),
          .short_names = {},
          .scope = Scope::cluster,
          .verbs = {"create"},
          .subresources = {},
          .columns = {},
          .age_column = 0,
          .selectable_fields = {},
          .stream_category = {},
          .storage_version_hash = {},
          .schema_name = std::move(schema_name),
          .schemas = schemas,
          .zero_members = {},
          .reset_fields = {}};
}

/// A resource of rbac.authorization.k8s.io; `kind` begins with a capital letter and has a regular plural.
Resource describe_rbac(std::string kind, std::string plural, std::vector<Column> columns,
                       std::size_t age_column, std::string zero_members, const ConfigFormat& format) {
  return {.group = "rbac.authorization.k8s.io",
          .version = "v1",
          .kind = kind,
          .list_kind = kind + "List",
          .plural = plural,
          .singular = plural.substr(0, plural.size() - 1),
          .short_names = {},
          .scope = Scope::cluster,
          .verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"},
          .subresources = {},
          .columns = std::move(columns),
          .age_column = age_column,
          .selectable_fields = {},
          .stream_category = "rbac/" + plural,
          .storage_version_hash = storage_version_hash("rbac.authorization.k8s.io", "v1", kind),
          .schema_name = "io.k8s.api.rbac.v1." + kind,
          .schemas = rbac_schemas,
          .zero_members = std::move(zero_members),
          .config = &format};
}

}  // namespace

const Resource& cluster_roles() {
  static const Resource resource =
      describe_rbac("ClusterRole", "clusterroles",
                    {{"Name", "name", column::name}, {"Created At", "", column::creation, "date"}}, 2,
                    R"("rules":null)", cluster_role_format);
  return resource;
}

const Resource& cluster_role_bindings() {
  static const Resource resource = describe_rbac(
      "ClusterRoleBinding", "clusterrolebindings",
      {{"Name", "name", column::name},
       {"Role", "",
        "RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be "
        "resolved, the Authorizer must return an error."},
       {"Age", "", column::creation},
       {"Users", "", "Users in the clusterRoleBinding", "string", 1},
       {"Groups", "", "Groups in the clusterRoleBinding", "string", 1},
       {"ServiceAccounts", "", "ServiceAccounts in the clusterRoleBinding", "string", 1}},
      2, R"("roleRef":{"apiGroup":"","kind":"","name":""})", cluster_role_binding_format);
  return resource;
}

const Resource& certificate_signing_requests() {
  static const Resource resource = describe_csr();
  return resource;
}

const Resource& self_subject_reviews() {
  static const Resource resource =
      describe_review("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews",
                      "io.k8s.api.authentication.v1.SelfSubjectReview", self_subject_review_schemas);
  return resource;
}

const Resource& token_reviews() {
  static const Resource resource =
      describe_review("authentication.k8s.io", "TokenReview", "tokenreviews",
                      "io.k8s.api.authentication.v1.TokenReview", token_review_schemas);
  return resource;
}

const Resource& self_subject_access_reviews() {
  static const Resource resource = describe_review(
      "authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews",
      "io.k8s.api.authorization.v1.SelfSubjectAccessReview", self_subject_access_review_schemas);
  return resource;
}

std::span<const Resource* const> resources() {
  static const std::array all = {&core_events(),
                                 &namespaces(),
                                 &grouped_events(),
                                 &self_subject_reviews(),
                                 &token_reviews(),
                                 &local_subject_access_reviews(),
                                 &self_subject_access_reviews(),
                                 &self_subject_rules_reviews(),
                                 &subject_access_reviews(),
                                 &certificate_signing_requests(),
                                 &cluster_trust_bundles(),
                                 &cluster_role_bindings(),
                                 &cluster_roles(),
                                 &approval_policies(),
                                 &notification_sinks(),
                                 &rotation_policies(),
                                 &signers()};
  return all;
}

const Resource* find_resource(std::string_view group, std::string_view version, std::string_view plural) {
  const auto found = std::ranges::find_if(resources(), [&](const Resource* resource) {
    return resource->group == group && resource->version == version && resource->plural == plural;
  });
  return found == resources().end() ? nullptr : *found;
}

const Resource* find_kind(std::string_view kind) {
  const auto found = std::ranges::find_if(resources(), [&](const Resource* resource) {
    return resource->kind == kind && !resource->stream_category.empty();
  });
  return found == resources().end() ? nullptr : *found;
}

bool known_group(std::string_view group) {
  return std::ranges::any_of(resources(), [&](const Resource* resource) { return resource->group == group; });
}

bool known_version(std::string_view group, std::string_view version) {
  return std::ranges::any_of(resources(), [&](const Resource* resource) {
    return resource->group == group && resource->version == version;
  });
}

std::string Resource::object_head() const {
  return R"({"kind":")" + kind + R"(","apiVersion":")" + api_version() + "\",";
}

engine::StreamId Resource::stream_of(const std::string& object_name) const {
  return engine::stream_of(stream_category, name_in_stream ? name_in_stream(object_name) : object_name);
}

bool Resource::has_verb(std::string_view verb) const {
  return std::ranges::find(verbs, verb) != verbs.end();
}

const Subresource* Resource::subresource(std::string_view name) const {
  const auto found = std::ranges::find(subresources, name, &Subresource::name);
  return found == subresources.end() ? nullptr : &*found;
}

std::string storage_version_hash(std::string_view group, std::string_view version, std::string_view kind) {
  const std::string text = std::string(group) + '/' + std::string(version) + '/' + std::string(kind);
  std::string out;
  engine::append_base64(out, sha256_bytes(text).substr(0, 8));
  return out;
}

}  // namespace csrflow::api
