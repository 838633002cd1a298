// A CertificateSigningRequest's fields, read from a tree.
#pragma once

#include "api/body.hpp"
#include "api/field_reader.hpp"

namespace csrflow::api {

/// Unknown and duplicate fields go to `problems`. Throws FieldMismatch.
DecodedCsr read_csr(const JsonValue&, std::vector<std::string>& problems);

}  // namespace csrflow::api
