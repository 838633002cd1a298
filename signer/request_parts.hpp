// All of a PKCS#10 (RFC 2986 4) that own signers and policies look at, as it stands there: kinds of names,
// attributes and extensions that Kubernetes' signers leave out are here, too.
#pragma once

#include <vector>

#include "signer/pkcs10.hpp"

namespace csrflow::signer {

struct RequestParts {
  struct Attribute {
    std::string oid;  ///< dotted
    int nid = 0;      ///< OpenSSL's, NID_undef for others
    int rdn = 0;      ///< of which relative name, from 0
    int type = 0;     ///< V_ASN1_UTF8STRING …
    /// UTF-8; `#<hex of the DER>` (RFC 4514 2.4) of what is no string.
    std::string value;
    std::string fault;  ///< what is wrong with the string; empty: nothing
  };
  struct Name {
    int type = 0;         ///< GEN_DNS …
    engine::Bytes value;  ///< the text, the bytes of an address, the DER of a directory name or another
    std::string shown;    ///< what a person should see
  };
  struct Extension {
    std::string oid;  ///< dotted
    int nid = 0;
    bool critical = false;
    engine::Bytes value;  ///< content of the OCTET STRING
  };
  struct Key {
    std::string algorithm;  ///< `RSA`, `ECDSA`, `Ed25519`, `Ed448`, of others OpenSSL's name
    std::uint32_t bits = 0;
    std::string curve;       ///< `P-256` …; of others OpenSSL's name
    engine::Bytes modulus;   ///< of RSA, big-endian
    engine::Bytes exponent;  ///< of RSA, big-endian
    engine::Bytes point;     ///< of the others: the BIT STRING's bytes
  };
  std::vector<Attribute> subject;
  std::vector<Name> names;
  std::vector<Extension> extensions;
  std::vector<std::string> attributes;        ///< dotted OIDs of the request's attributes
  std::vector<std::size_t> attribute_values;  ///< how many values each has
  Key key;
  int signature_nid = 0;

  const Extension* extension(int nid) const;
  /// basicConstraints CA:TRUE or keyUsage keyCertSign is requested.
  bool asks_for_ca() const;
};

/// Total. An error in words for what parse_request lets through and this cannot read.
std::expected<RequestParts, std::string> read_parts(const CertificationRequest&);

/// The key of a SubjectPublicKeyInfo (DER), whatever it is.
std::expected<RequestParts::Key, std::string> read_public_key(std::string_view spki);

/// Dotted, of any length.
std::string dotted_oid(const ASN1_OBJECT*);
/// `10.1.2.3`, `2001:db8::1`; hex when it is neither 4 nor 16 bytes.
std::string address_text(std::string_view bytes);

}  // namespace csrflow::signer
