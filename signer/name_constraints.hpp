// Which names a signer takes (RFC 5280 4.2.1.10).
#pragma once

#include "signer/alternative_names.hpp"
#include "signer/signer_document.hpp"

namespace csrflow::signer {

/// The first name that is outside, in a sentence; nothing when all are inside. Names: canonical. A wildcard
/// name is inside when every host that it stands for is, and excluded when one of them is.
std::optional<std::string> outside_constraints(const SignerSpec::Names&, const AlternativeNames&);

}  // namespace csrflow::signer
