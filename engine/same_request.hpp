// Whether a successor asks for the same as its predecessor: only then may the predecessor's approval count
// for it.
#pragma once

#include <optional>

#include "engine/object.hpp"
#include "engine/request_description.hpp"
#include "engine/rotation_rules.hpp"

namespace csrflow::engine {

/// Of a PKCS#10 what its description leaves out, byte for byte.
struct RequestEncoding {
  struct Extension {
    std::string oid;  ///< dotted: `2.5.29.37`
    bool critical = false;
    Bytes value;  ///< content of extnValue
    auto operator<=>(const Extension&) const = default;
  };
  Bytes subject;                      ///< DER of the Name
  std::vector<Extension> extensions;  ///< all that are requested, subjectAltName among them
};

struct ComparedRequest {
  const CsrSpec& spec;
  const RequestDescription& description;
  const RequestEncoding& encoding;
};

struct SameRequestTerms {
  /// `renew`: the PKCS#10 is the same. Otherwise its key may be another one.
  RotationMode mode = RotationMode::rekey;
  /// What the signer gives where no expirationSeconds are asked for; nothing: unknown.
  std::optional<Duration> default_lifetime;
  /// Keys that a rekey may change to beside its own kind, where they are not weaker: `P-384`, `RSA-3072`,
  /// `Ed25519`.
  std::vector<std::string> key_upgrade;
};

/// Empty: the same signer, set of usages, lifetime, subject, set of names (in normal form), set of other
/// extensions, and a fitting key. Else the first of these that differs, as a sentence without its full stop,
/// about the successor. Pure.
std::string difference_of(const ComparedRequest& predecessor, const ComparedRequest& successor,
                          const SameRequestTerms&);

/// `P-384`, `RSA-3072`, `Ed25519`, as policies write it.
std::string key_word(const RequestDescription::Key&);

}  // namespace csrflow::engine
