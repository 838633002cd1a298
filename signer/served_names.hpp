// Does a server certificate name all that its clients call it by?
#pragma once

#include <string>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::signer {

/// `pem`: the certificate; `names`: DNS names and IP addresses. False for what is not a certificate.
bool serves_names(const engine::Bytes& pem, const std::vector<std::string>& names);

}  // namespace csrflow::signer
