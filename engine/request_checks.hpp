// What a signer of csrflow's own demands of a request before anybody judges it.
#pragma once

#include <optional>

#include "engine/field_description.hpp"
#include "engine/object.hpp"

namespace csrflow::engine {

/// Thread-safe. Both say nothing of requests to the kubernetes.io signers and to signers that are not
/// csrflow's: there only Kubernetes' own rules hold.
struct RequestChecks {
  virtual ~RequestChecks() = default;
  /// Why no object is made of the request: malformed, a weak key, names that are none, too many of something.
  /// Empty: nothing. The self-signature is checked elsewhere.
  virtual FieldProblems refusals(const CsrSpec&) const = 0;
  /// Why the signer never signs this, whatever policies and people say; as a sentence without its full stop.
  virtual std::optional<std::string> denial(const CsrSpec&) const = 0;
  /// May the requester's own word not decide?
  virtual bool separate_from_requester(const SignerName&) const = 0;
};

}  // namespace csrflow::engine
