// The Signer (csrflow.io/v1): what a signer of csrflow's own demands and issues, as people write it. The
// format is docs/signers.md.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/field_description.hpp"
#include "engine/ip_address.hpp"
#include "engine/types.hpp"

namespace csrflow::signer {

enum class KeyAlgorithm { rsa, ecdsa, ed25519 };
/// `RSA`, `ECDSA`, `Ed25519`.
std::string_view name_of(KeyAlgorithm);

enum class SubjectRule { request, drop };

/// Sets of names as RFC 5280 4.2.1.10 constrains them.
struct NameSet {
  std::vector<std::string> dns;  ///< `example.com`: it and every name below it; canonical
  std::vector<engine::IpRange> ip;
  /// `jane@example.com`; `example.com`: all addresses at that host; `.example.com`: at hosts below it.
  std::vector<std::string> email;
  std::vector<std::string> uri;  ///< hosts: `example.com` exactly; `.example.com`: those below it
  bool empty() const { return dns.empty() && ip.empty() && email.empty() && uri.empty(); }
};

/// A spec with its defaults filled in, each value checked.
struct SignerSpec {
  struct Usages {
    std::vector<std::string> permitted, added;  ///< Kubernetes' names
  } usages;
  SubjectRule subject = SubjectRule::request;
  struct Names {
    bool dns = true, ip = true, email = true, uri = true;
    NameSet permitted;  ///< a kind that has entries here must be in one of them
    NameSet excluded;   ///< and no name in one of these
  } names;
  struct Keys {
    std::vector<KeyAlgorithm> algorithms;
    std::int64_t min_rsa = 0;         ///< bits
    std::vector<std::string> curves;  ///< `P-256`, `P-384`, `P-521`
  } keys;
  engine::Duration default_lifetime, max_lifetime;
  engine::Duration backdate;            ///< how long before its signing a certificate is valid already
  std::vector<std::string> extensions;  ///< dotted OIDs of requested extensions that are issued
  bool separate_from_requester = true;
  /// A request that nobody decides for so long is denied; nothing: it waits for ever.
  std::optional<engine::Duration> pending_timeout;
};

/// Reads `spec` (a JSON object). Errors are all that were found; an unknown field names the nearest known
/// one. Never throws on input.
std::expected<SignerSpec, engine::FieldProblems> read_signer_spec(std::string_view json);
/// The same of a ConfigBody: `{"spec":{…}}` and nothing beside it.
std::expected<SignerSpec, engine::FieldProblems> read_signer_body(std::string_view json);

/// JSON without blanks, members sorted, defaults filled in, durations in seconds: equal for documents that
/// mean the same.
std::string canonical_json(const SignerSpec&);
/// SHA-256 of it, lower-case hex: the profile's hash in events.
std::string hash_of(const SignerSpec&);
/// The fields of `spec`.
std::vector<engine::FieldDescription> describe_signer_spec();

/// A certificate is backdated by at most this part of its lifetime.
constexpr std::int64_t backdate_share = 10;

/// The smaller of what is asked for (or the default) and the maximum.
engine::Duration resolved_lifetime(const SignerSpec&, std::optional<std::int32_t> expiration_seconds);

/// A Signer in one of its versions.
struct SignerProfile {
  engine::SignerName name;
  SignerSpec spec;
  std::string hash;
  engine::Position since;    ///< where its object was created
  engine::Position applied;  ///< where this version was
};
using SignerProfilePtr = std::shared_ptr<const SignerProfile>;

}  // namespace csrflow::signer
