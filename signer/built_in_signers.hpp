// The four signers of Kubernetes as Signers, which can only be read.
#pragma once

#include "signer/duration.hpp"
#include "signer/profiles.hpp"

namespace csrflow::signer {

struct BuiltInSigner {
  engine::SignerName name;
  /// `{"usages":…}`: what the signer demands and issues, as far as the fields of a spec can say it. Not all
  /// of it is what a signer of one's own may have (RSA from 1024 bits on).
  std::string spec_json;
  std::string rules;  ///< what else it demands, in words
  std::string hash;   ///< of the profile, as `issuing` events name it
};
/// In the order of their names.
std::vector<BuiltInSigner> built_in_signers(const SigningDurations&);

/// The longest lifetime that a Signer object gives, with what is backdated. A built-in signer's body says it,
/// too, although not all of it is a spec that people could write. Nothing: it cannot be read, and signs
/// nothing.
std::optional<engine::Duration> longest_lifetime(std::string_view object_name, std::string_view body_json);

}  // namespace csrflow::signer
