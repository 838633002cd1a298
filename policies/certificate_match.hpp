// Which certificates a document is about, as rotation policies and notification sinks say it.
#pragma once

#include <array>

#include "policies/facts.hpp"
#include "policies/policy.hpp"

namespace csrflow::policies {

/// Subject attributes; of each that is given one value in common is enough.
struct SubjectMatch {
  std::array<std::optional<Strings>, attribute_kinds> attributes;  ///< by AttributeKind
};

/// All that is given must hold. Of a kind of names, one that is covered is enough.
struct CertificateMatch {
  std::optional<std::vector<SignerPattern>> signer_names;
  LabelSelector labels;
  Requesters requesters;
  SubjectMatch subject;
  std::optional<std::vector<DnsPattern>> dns;
  std::optional<std::vector<IpRange>> ip;
  std::optional<std::vector<EmailPattern>> email;
  std::optional<std::vector<UriPattern>> uri;
};

/// Of the facts of the request that the certificate is for; those of one evaluation are not looked at.
bool covers(const CertificateMatch&, const Facts&);
/// Must the request itself (PKCS#10) be read to say whether it is covered?
bool looks_into_request(const CertificateMatch&);
std::size_t requirements(const LabelSelector&);

}  // namespace csrflow::policies
