// The CA's own life: stream `ca/<ski hex>`. Its first certificate is written ahead like every other:
// `key_created` holds the exact bytes that the key signs, `ca_issued` the result.
#pragma once

#include <variant>

#include "engine/csr.hpp"

namespace csrflow::engine {

struct KeyCreated {
  std::string algorithm;  ///< `ecdsa-p256`
  Bytes public_key;       ///< DER of the SubjectPublicKeyInfo
  Bytes tbs;              ///< DER of the self-signed certificate's TBSCertificate
};
struct CaIssued {
  Serial serial;
  Timestamp not_before, not_after;
  std::string fingerprint;
  Bytes certificate;  ///< PEM
};
using AuthorityEvent = std::variant<KeyCreated, CaIssued>;

struct AuthorityState {
  Version version;
  std::optional<KeyCreated> key;
  std::optional<CaIssued> issued;
};

using RecordKey = KeyCreated;
using RecordCa = CaIssued;
using AuthorityCommand = std::variant<RecordKey, RecordCa>;

std::expected<std::vector<AuthorityEvent>, Refusal> decide(const StreamId&, const AuthorityState&,
                                                           const AuthorityCommand&, const Facts&);
AuthorityState evolve(AuthorityState, const AuthorityEvent&, const Stamp&);

}  // namespace csrflow::engine
