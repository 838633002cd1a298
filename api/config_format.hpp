// What the verbs must know of a configuration object's body: how it is read, defaulted, checked and printed.
// A resource with one can have all verbs; nothing else of it is code.
#pragma once

#include <memory>

#include "api/field_reader.hpp"
#include "api/rbac_objects.hpp"
#include "api/status.hpp"
#include "engine/config.hpp"

namespace csrflow::api {

/// Reads one object's members besides apiVersion, kind and metadata.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// Does it know the member? Throws FieldMismatch.
  virtual bool member(FieldReader&, const std::string& key, const JsonValue&) = 0;
  /// What was read, with its defaults.
  virtual engine::ConfigBody finish() = 0;
};

struct ConfigFormat {
  std::unique_ptr<BodyReader> (*reader)();
  /// What is wrong with a body, on every write; metadata is checked elsewhere.
  FieldErrors (*check)(const engine::ConfigObject&);
  /// What a change may not do.
  FieldErrors (*check_change)(const engine::ConfigObject& updated, const engine::ConfigObject& stored);
  /// JSON array of the printed columns; the place of an age holds null.
  std::string (*cells)(const engine::ConfigObject&);
  /// The values of its selectable fields; null: it has none.
  engine::StringMap (*fields)(const engine::ConfigObject&) = nullptr;
  /// The hash that its events name it by; null: SHA-256 of the body.
  std::string (*hash)(const engine::ConfigObject&) = nullptr;
};

/// apiGroup of the role and of users and groups, where it is missing.
void set_defaults(ClusterRoleBinding&);

extern const ConfigFormat cluster_role_format;
extern const ConfigFormat cluster_role_binding_format;

}  // namespace csrflow::api
