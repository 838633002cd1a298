// What a signer of csrflow's own demands of a request: before there is an object (RFC 2986, RFC 5280 and the
// weaknesses of keys), and what no policy can allow.
#pragma once

#include "engine/request_checks.hpp"
#include "signer/own_request.hpp"
#include "signer/signer_book.hpp"

namespace csrflow::signer {

/// SubjectPublicKeyInfos (DER) that nobody else may have certified: those of CAs and of csrflow's own
/// certificates.
using ReservedKeys = std::vector<engine::Bytes>;

/// Why no object is made of the request; empty: nothing. Does not verify the self-signature. Total.
engine::FieldProblems refusals(const SignerProfile&, const engine::CsrSpec&, const ReservedKeys& = {});
/// Why this signer never signs it, or nothing; for requests that `refusals` let through. Total.
std::optional<std::string> denial(const SignerProfile&, const engine::CsrSpec&);

/// The same for a request that is read already; without the dearest check of an RSA key, so that it can be
/// asked on the writer's thread.
engine::FieldProblems quick_refusals(const SignerProfile&, const OwnRequest&, const ReservedKeys& = {});
std::optional<std::string> denial(const SignerProfile&, const OwnRequest&,
                                  std::span<const std::string> usages);

/// With the Signers that are in force.
class RequestChecks : public engine::RequestChecks {
 public:
  /// `book` outlives it.
  explicit RequestChecks(const SignerBook& book, ReservedKeys reserved = {})
      : book_(book), reserved_(std::move(reserved)) {}
  engine::FieldProblems refusals(const engine::CsrSpec&) const override;
  std::optional<std::string> denial(const engine::CsrSpec&) const override;
  bool separate_from_requester(const engine::SignerName&) const override;

 private:
  const SignerBook& book_;
  const ReservedKeys reserved_;
};

}  // namespace csrflow::signer
