// A look at a certificate of an own signer before a key is used: is it one that others accept, and no more
// than the profile allows? Pairs with the building: from the bytes alone, by other code.
#pragma once

#include "signer/authority.hpp"
#include "signer/signer_document.hpp"

namespace csrflow::signer {

/// The first finding, in a sentence for the person who waits for the certificate; nothing: it is good.
/// `lifetime`: at most.
std::optional<std::string> lint_own_leaf(std::string_view tbs, const LeafFields&, const SignerProfile&,
                                         const Authority&, engine::Duration lifetime);

}  // namespace csrflow::signer
