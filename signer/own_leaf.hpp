// What a signer of csrflow's own issues.
#pragma once

#include "engine/issuer.hpp"
#include "signer/authority.hpp"
#include "signer/own_request.hpp"
#include "signer/signer_document.hpp"

namespace csrflow::signer {

/// The certificate's fields: what the request asks for and the profile says, and no more. Its validity begins
/// `backdate` before now, but no more than a tenth of the lifetime, and includes its last second: the
/// lifetime is notAfter − notBefore + 1 s (RFC 5280 4.1.2.5). It ends with the CA's; an error when the CA has
/// expired.
std::expected<LeafFields, std::string> own_leaf(const SignerProfile&, const Authority&, const OwnRequest&,
                                                std::span<const std::string> usages,
                                                engine::Duration lifetime, engine::Timestamp now,
                                                std::span<const std::uint8_t, 16> random);

}  // namespace csrflow::signer
