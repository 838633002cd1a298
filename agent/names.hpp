// Subject and alternative names in the canonical form in which those asked for and those certified are
// compared: as sets, since signers put them into an order of their own.
#pragma once

#include <set>

#include "agent/openssl.hpp"
#include "agent/wish.hpp"

namespace csrflow::agent {

/// `O=example`, in UTF-8.
using SubjectSet = std::multiset<std::string>;
/// `DNS:web-1.example.com`, `IP:10.0.0.1`, `email:jane@example.com`, `URI:spiffe://example.com/web`.
using NameSet = std::set<std::string>;

/// Errors are sentences about the wish.
std::expected<NameHandle, std::string> subject_of(const CertificateWish&);
/// In the order of `names_of(wish)`; null when there is none.
std::expected<GeneralNamesHandle, std::string> general_names(const CertificateWish&);
std::expected<NameSet, std::string> names_of(const CertificateWish&);

SubjectSet attributes_of(const X509_NAME*);
/// Kinds that no wish can have come as `other name 0`, numbered by place.
NameSet names_of(const GENERAL_NAMES*);

}  // namespace csrflow::agent
