// Is a certificate of csrflow's own still good for its use?
#pragma once

#include <string>
#include <vector>

#include "engine/types.hpp"
#include "signer/openssl.hpp"

namespace csrflow::signer {

/// `pem`: the certificate; `names`: DNS names and IP addresses. False for what is not a certificate.
bool serves_names(const engine::Bytes& pem, const std::vector<std::string>& names);
/// Is the certificate over this key? False for what is not a certificate.
bool certifies_key(const engine::Bytes& pem, const EVP_PKEY&);

}  // namespace csrflow::signer
