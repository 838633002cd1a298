// Whether a delivered certificate is the one that was asked for, and will work: asked before anything on the
// host changes.
#pragma once

#include <set>
#include <variant>

#include "agent/certificate.hpp"
#include "agent/wish.hpp"

namespace csrflow::agent {

enum class Check { form, public_key, chain, subject, names, usages, validity, serial, revocation };
/// `form`, `public key`, `chain`, …
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
  std::set<engine::Serial> known_serials;  ///< of the versions that are there
};

using Checked = std::variant<LeafFacts, NotYetValid, CheckFailure>;

/// How much the host's clock may be behind the CA's.
constexpr engine::Duration clock_tolerance = engine::seconds(60);
/// How long a certificate that is not valid yet is waited for.
constexpr engine::Duration longest_wait = engine::seconds(300);

/// Key, chain (RFC 5280 6, X509_V_FLAG_X509_STRICT, the purposes that the usages name), subject and names
/// (equal as sets: one more is a failure), usages, validity, serial, CRL, in this order; the first failure is
/// the result.
Checked check_certificate(const Delivery&, const Expected&, engine::Timestamp now);

/// Does the CRL list the serial? False when it cannot be read.
bool is_revoked(std::string_view crl, const engine::Serial&);

}  // namespace csrflow::agent
