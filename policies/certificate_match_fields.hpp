// The fields of `match` in documents about certificates, once. Internal to the documents' .cpp files.
#pragma once

#include "policies/certificate_match.hpp"
#include "policies/spec_fields.hpp"

namespace csrflow::policies {

void check_certificate_match(const Reading&, const CertificateMatch&);

template <class Visitor>
void visit_fields(Visitor&& v, SubjectMatch& s) {
  for (std::size_t kind = 0; kind < attribute_kinds; ++kind)
    v(attribute_fields[kind], s.attributes[kind], "One of these values");
}
template <class Visitor>
void visit_fields(Visitor&& v, CertificateMatch& m) {
  v("signerNames", m.signer_names, "Signers: domain/name, domain/* or *");
  v("labels", m.labels, "Labels of the request when it was created");
  v("requesters", m.requesters, "Whose requests");
  v("subject", m.subject, "The subject's attributes");
  v("dns", m.dns, "DNS names, as *.shop.example.com; one that is covered is enough");
  v("ip", m.ip, "IP addresses");
  v("email", m.email, "E-mail addresses");
  v("uri", m.uri, "URIs");
  v.check([&](const Reading& reading) { check_certificate_match(reading, m); });
}

}  // namespace csrflow::policies
