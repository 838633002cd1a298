// What follows from the configuration of a certificate alone.
#pragma once

#include "agent/configuration.hpp"
#include "agent/state_directory.hpp"

namespace csrflow::agent {

/// Hex of SHA-256 over what a certificate is: names, subject, usages, kind of key, signer.
std::string digest_of(const KeptCertificate&);
/// Users and groups as this machine knows them; the error is a sentence.
std::expected<FileLayout, std::string> layout_of(const KeptCertificate&);

}  // namespace csrflow::agent
