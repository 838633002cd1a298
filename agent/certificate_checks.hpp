// Whether a delivered certificate is the one that was asked for, and will work: asked before anything on the
// host changes.
#pragma once

#include <set>
#include <variant>

#include "agent/certificate.hpp"
#include "agent/wish.hpp"

namespace csrflow::agent {

enum class Check { form, public_key, validity, chain, subject, names, usages, serial, revocation };
/// `form`, `public key`, `validity`, …
std::string_view name_of(Check);

struct CheckFailure {
  Check check;
  std::string message;  ///< a sentence for the operator
};
/// The host's clock is behind the CA's: ask again at `until`, which is minutes away at most.
struct NotYetValid {
  engine::Timestamp until;
};

struct Expected {
  const CertificateWish& wish;
  engine::Bytes public_key;                ///< DER of the pending key's SubjectPublicKeyInfo
  std::set<engine::Serial> known_serials;  ///< of certificates that the host had
};

using Checked = std::variant<LeafFacts, NotYetValid, CheckFailure>;

/// How much the host's clock may be behind the CA's.
constexpr engine::Duration clock_tolerance = engine::seconds(60);
/// How long a certificate that is not valid yet is waited for.
constexpr engine::Duration longest_wait = engine::seconds(300);

/// Form, public key, end of validity, chain (RFC 5280 6, X509_V_FLAG_X509_STRICT, the purposes that the
/// usages name), subject and names (equal as sets: one more is a failure), usages (those asked, and no
/// further extended one), serial, CRL; the first failure is the result. What passes all may still be not
/// valid yet.
Checked check_certificate(const Delivery&, const Expected&, engine::Timestamp now);

/// Is the first certificate of the chain in the CRL? Only a CRL counts that its issuer signed, who is in the
/// chain or among the authorities (PEM).
bool is_revoked(std::string_view crl, std::string_view chain, std::string_view authorities);

}  // namespace csrflow::agent
