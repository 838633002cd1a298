// What a signer of csrflow's own demands of a request: before there is an object (RFC 2986, RFC 5280 and the
// weaknesses of keys), and what no policy can allow.
#pragma once

#include "engine/request_checks.hpp"
#include "signer/signer_book.hpp"

namespace csrflow::signer {

/// Why no object is made of the request; empty: nothing. Does not verify the self-signature. Total.
engine::FieldProblems refusals(const SignerProfile&, const engine::CsrSpec&);
/// Why this signer never signs it, or nothing; for requests that `refusals` let through. Total.
std::optional<std::string> denial(const SignerProfile&, const engine::CsrSpec&);

/// With the Signers that are in force.
class RequestChecks : public engine::RequestChecks {
 public:
  /// `book` outlives it.
  explicit RequestChecks(const SignerBook& book) : book_(book) {}
  engine::FieldProblems refusals(const engine::CsrSpec&) const override;
  std::optional<std::string> denial(const engine::CsrSpec&) const override;
  bool separate_from_requester(const engine::SignerName&) const override;

 private:
  const SignerBook& book_;
};

}  // namespace csrflow::signer
