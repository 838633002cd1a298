// The CA's own life: stream `ca/<ski hex>`. Its first certificate is written ahead like every other:
// `key_created` holds the exact bytes that the key signs, `ca_issued` the result.
#pragma once

#include <set>
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
/// The steps of a roll-over, in their order.
enum class RolloverStep : std::uint8_t { prepare, activate, stop };
/// `prepare`, `activate`, `stop`.
std::string_view name_of(RolloverStep);
std::expected<RolloverStep, std::string> rollover_step_of(std::string_view name);

/// It is time for a step of the roll-over.
struct RolloverDue {
  RolloverStep step{};
  Timestamp at;  ///< when it was due
  std::string message;
};
using AuthorityEvent = std::variant<KeyCreated, CaIssued, RolloverDue>;

struct AuthorityState {
  Version version;
  std::optional<KeyCreated> key;
  std::optional<CaIssued> issued;
  Position issued_at;  ///< of `issued`: the cause of its timers
  std::set<RolloverStep> due;
};

using RecordKey = KeyCreated;
using RecordCa = CaIssued;
struct AnnounceRollover {
  RolloverStep step{};
};
using AuthorityCommand = std::variant<RecordKey, RecordCa, AnnounceRollover>;

std::expected<std::vector<AuthorityEvent>, Refusal> decide(const StreamId&, const AuthorityState&,
                                                           const AuthorityCommand&, const Facts&);
/// When the step is due, as the longest lifetime of the CA's signers has it; nothing when it is done.
std::optional<Timestamp> rollover_due(const AuthorityState&, RolloverStep, Duration longest_lifetime);
AuthorityState evolve(AuthorityState, const AuthorityEvent&, const Stamp&);

}  // namespace csrflow::engine
