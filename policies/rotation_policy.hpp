// A rotation policy: which certificates it is for, and when and how they rotate (docs/rotation.md). The rules
// themselves are the engine's.
#pragma once

#include <expected>
#include <memory>
#include <span>

#include "engine/field_description.hpp"
#include "engine/rotation_rules.hpp"
#include "policies/certificate_match.hpp"
#include "policies/problem.hpp"

namespace csrflow::policies {

constexpr std::size_t max_calendar_windows = 64;  ///< in one list

struct RotationPolicy {
  std::string name;
  std::string description;
  CertificateMatch match;
  engine::RotationRules rules;
  /// Which of them are canaries; without requirements: none.
  LabelSelector canary;
  /// Keys that a rekey may change to, as `P-384`, `RSA-3072`, `Ed25519`.
  Strings key_upgrade;

  /// JSON with sorted keys and the defaults filled in; what `hash` (SHA-256, lower-case hex) is over.
  std::string canonical;
  std::string hash;
};
using RotationPolicyPtr = std::shared_ptr<const RotationPolicy>;

/// One document. Errors are all that were found, each with its field's path; unknown fields name the nearest
/// known one. Never throws on input.
std::expected<RotationPolicyPtr, Problems> read_rotation_policy_json(std::string_view json);

struct RotationPolicyFile {
  std::vector<RotationPolicyPtr> policies;  ///< in the file's order; those that could be read
  Problems problems;                        ///< errors of the others
};
/// YAML, of which JSON is a part, with the bounds of approval policies.
RotationPolicyFile read_rotation_policy_yaml(std::string_view yaml);

/// The fields of `spec`.
std::vector<engine::FieldDescription> describe_rotation_spec();

bool is_canary(const RotationPolicy&, const engine::StringMap& labels);
/// The most specific of those that cover it: one that names the signer before one with its domain before one
/// with neither, then the one with more label requirements, then the first by name. Null when there is none.
RotationPolicyPtr most_specific(std::span<const RotationPolicyPtr>, const Facts&);

}  // namespace csrflow::policies
