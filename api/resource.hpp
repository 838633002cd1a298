// One description of each resource. Discovery, OpenAPI, tables, selectors and routing come out of it; another
// resource is another value here, not another branch elsewhere.
#pragma once

#include "api/status.hpp"

namespace csrflow::api {

struct ConfigFormat;

enum class Scope { cluster, namespaced };

struct Column {
  std::string name;
  std::string format;  ///< `name` for the first column, else empty
  std::string description;
  std::string type = "string";
  int priority = 0;  ///< beyond 0: shown by `-o wide` only
};

struct Subresource {
  std::string name;
  std::vector<std::string> verbs;
  std::vector<std::string> reset_fields =
      {};  ///< paths that its writes leave alone: `spec`, `status.conditions`
};

struct Resource {
  std::string group, version, kind, list_kind, plural, singular;
  std::vector<std::string> short_names;
  Scope scope = Scope::cluster;
  std::vector<std::string> verbs;  ///< sorted
  std::vector<Subresource> subresources;
  std::vector<Column> columns;
  /// Index of the column whose cell is the age at reading time; as many as there are columns: none.
  std::size_t age_column = 0;
  std::vector<std::string> selectable_fields;
  std::string stream_category;       ///< collection of its streams: `csr`; empty: nothing is stored
  std::string storage_version_hash;  ///< empty: nothing is stored
  std::string schema_name;           ///< `io.k8s.api.certificates.v1.CertificateSigningRequest`
  std::string_view schemas;          ///< JSON object: schema name → schema, without apimachinery's
  /// Members of an empty object after its metadata: what a bookmark's object has.
  std::string zero_members;
  /// A configuration resource: what its bodies are. Null: a resource with verbs of its own.
  const ConfigFormat* config = nullptr;
  std::vector<std::string> reset_fields = {};  ///< paths that writes of the object itself leave alone
  /// What an object is called in its stream's name, where that is not its own name.
  std::string (*name_in_stream)(const std::string& object_name) = nullptr;

  /// The stream of the object of this name.
  engine::StreamId stream_of(const std::string& object_name) const;
  GroupName resource_name() const { return {group, plural}; }
  GroupName kind_name() const { return {group, kind}; }
  /// `certificates.k8s.io/v1`
  std::string api_version() const { return group.empty() ? version : group + '/' + version; }
  /// `{"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1",`: before an object's tail.
  std::string object_head() const;
  bool has_verb(std::string_view verb) const;
  const Subresource* subresource(std::string_view name) const;
};

const Resource& certificate_signing_requests();
const Resource& cluster_roles();
const Resource& cluster_role_bindings();
const Resource& self_subject_reviews();
const Resource& self_subject_access_reviews();
const Resource& token_reviews();

/// All that are served, in discovery's order. Constant, thread-safe.
std::span<const Resource* const> resources();
/// Null when there is none.
const Resource* find_resource(std::string_view group, std::string_view version, std::string_view plural);
/// The stored resource of a kind; null when there is none.
const Resource* find_kind(std::string_view kind);
bool known_group(std::string_view group);
bool known_version(std::string_view group, std::string_view version);

/// Base64 of the first 8 bytes of SHA-256 of `group/version/kind`, as discovery shows it.
std::string storage_version_hash(std::string_view group, std::string_view version, std::string_view kind);

}  // namespace csrflow::api
