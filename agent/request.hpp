// The PKCS#10 by which a host asks for a certificate (RFC 2986).
#pragma once

#include "agent/key.hpp"

namespace csrflow::agent {

constexpr std::size_t max_request_pem = 64 * 1024;

/// In PEM, with the wish's subject, names and usages (extensionRequest, RFC 2985 5.4.2). The error says which
/// part of the wish cannot be put into one.
std::expected<engine::Bytes, std::string> make_request(const PrivateKey&, const CertificateWish&);

/// Does the request ask for what the wish says: the kind of key, subject, names and usages? When not, the
/// configuration has changed since it was made.
bool asks_for(std::string_view request_pem, const CertificateWish&);

/// The DER of a PKCS#10 in PEM, which the old key signs for a rekey; empty when it is none.
engine::Bytes der_of_request(std::string_view request_pem);

}  // namespace csrflow::agent
