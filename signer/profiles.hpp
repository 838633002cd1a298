// The four signers that Kubernetes' controller manager serves, and what each demands of a request after
// approval.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/object.hpp"
#include "signer/pkcs10.hpp"

namespace csrflow::signer {

/// The reason of the condition Failed when a profile refuses.
constexpr std::string_view validation_failure = "SignerValidationFailure";

struct Profile {
  std::string_view signer;  ///< `kubernetes.io/kubelet-serving`
  std::string_view rules;   ///< what it demands, in words
  /// The message for the person, the first failure only; nothing when the request fits.
  std::optional<std::string> (*refuses)(const CertificationRequest&, std::span<const std::string> usages);
};

std::span<const Profile> built_in_profiles();
/// Null when it is none of the four.
const Profile* built_in_profile(const engine::SignerName&);
/// What the profile demands and issues, in words; its hash stands in every `issuing`.
std::string describe(const Profile&);
/// SHA-256 of the description, lower-case hex.
std::string profile_hash(std::string_view description);

}  // namespace csrflow::signer
