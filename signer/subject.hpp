// The distinguished name of a request as Kubernetes' signers see it: the attributes that they know, nothing
// else.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "signer/openssl.hpp"

namespace csrflow::signer {

/// Values in UTF-8. CN and serialNumber: the last of several.
struct Subject {
  std::vector<std::string> country, province, locality, street, postal_code, organization,
      organizational_unit;
  std::string common_name, serial_number;
  bool operator==(const Subject&) const = default;
};

/// Attributes that Kubernetes' signers do not know (DC, UID, e-mail, …) are left out. Refuses strings that
/// are not what their type says, and control characters in the known ones.
std::expected<Subject, std::string> read_subject(const X509_NAME&);

/// DER of the Name in the order C, ST, L, street, postalCode, O, OU, CN, serialNumber; several values of one
/// attribute in one multi-valued RDN, sorted as a SET OF (X.690 11.6), as Go's pkix.Name.ToRDNSequence gives
/// it. PrintableString where the characters allow, else UTF8String.
engine::Bytes encode_subject(const Subject&);

}  // namespace csrflow::signer
