// What a PKCS#10 asks for, as values: what policies judge and history is searched by.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::engine {

struct RequestDescription {
  struct Attribute {
    std::string oid;    ///< dotted: `2.5.4.3`
    std::string value;  ///< UTF-8
    bool operator==(const Attribute&) const = default;
  };
  struct Name {
    /// `dns`, `ip`, `email`, `uri`, `other`, `directory`, `registeredID`.
    std::string kind;
    /// As requested; an address in text; of the last three kinds what a person should see of it.
    std::string value;
    bool operator==(const Name&) const = default;
  };
  struct Key {
    std::string algorithm;  ///< `RSA`, `ECDSA`, `Ed25519`, `Ed448`
    std::uint32_t bits = 0;
    std::string curve;        ///< `P-256`, `P-384`, `P-521`; of others OpenSSL's name; empty: none
    std::string spki_sha256;  ///< of the SubjectPublicKeyInfo's DER, lower-case hex
    bool operator==(const Key&) const = default;
  };
  std::vector<Attribute> subject;       ///< in the request's order; multi-valued RDNs are flattened
  std::vector<Name> names;              ///< subject alternative names, in the request's order
  std::vector<std::string> extensions;  ///< dotted OIDs of those requested, in the request's order
  bool asks_for_ca = false;             ///< basicConstraints CA:TRUE or keyUsage keyCertSign is requested
  Key key;
};

/// Pure, thread-safe; total: an error says in words why it cannot be read.
struct RequestReader {
  virtual ~RequestReader() = default;
  virtual std::expected<RequestDescription, std::string> describe(const Bytes& pem) const = 0;
};

}  // namespace csrflow::engine
