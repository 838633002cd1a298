// Whether a host may still replace a certificate by another over a new key, for which it has shown that it
// holds the old one, also when that has expired meanwhile.
#pragma once

#include "engine/csr_approval.hpp"

namespace csrflow::engine {

/// Why a request with `proven_predecessor` may not follow the certificate: there is no such one, its signer
/// is another, or the grace after its expiry (that of its rotation policy, else min(lifetime, 7 d)) is over.
std::optional<Refusal> rekey_forbidden(const Situation&, const Create&);

}  // namespace csrflow::engine
