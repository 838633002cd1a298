// The plan of a job that rotates many certificates before a deadline: stages that grow, each one's instants,
// and what cannot be done in time, all of it before anything is begun.
#pragma once

#include <map>
#include <optional>

#include "engine/rotation_rules.hpp"

namespace csrflow::engine {

constexpr std::size_t max_mass_targets = 5'000'000;

enum class JobReason : std::uint8_t {
  key_compromise,  ///< of the certificates' own keys: each gets a new one
  ca_compromise,
  other
};

/// What is known of the agent that would make a new key and install the certificate.
enum class AgentState : std::uint8_t { none, silent, present };

/// A certificate that the job is to replace.
struct MassTarget {
  StreamId stream;
  Serial serial;
  Timestamp not_after;
  Duration lifetime;
  SignerName signer;
  bool canary = false;
  RotationMode mode = RotationMode::renew;  ///< of its policy
  AgentState agent = AgentState::none;
};

/// Of a signer that issues the successors.
struct MassSigner {
  RateCap cap{.limit = 200, .burst = 50};
  std::optional<Timestamp> ends;  ///< notAfter of its CA
};

struct MassJob {
  std::string id;
  JobReason reason = JobReason::other;
  Timestamp start, deadline;
  Duration wait_between_stages;
  /// By name; one that is not here has the default cap.
  std::map<std::string, MassSigner, std::less<>> signers;
};

/// Why a certificate does not make the deadline.
enum class Obstacle : std::uint8_t {
  no_agent,      ///< a new key is needed, and nobody is known to make it
  agent_silent,  ///< a new key is needed, and its maker has not been heard of
  rekey_needed,  ///< the key must be replaced, and its mode renews over the same
  not_ours,      ///< its mode is announce or none
  ca_near_end,   ///< the CA ends before the deadline
  cap_too_low    ///< it is planned, but begins after the deadline
};
/// `no agent is known for it` and so on: what goes on after the name of a certificate.
std::string_view sentence_of(Obstacle);

struct Hindered {
  std::uint32_t target = 0;  ///< index in the list
  Obstacle why{};
  bool operator==(const Hindered&) const = default;
};

struct PlannedRotation {
  std::uint32_t target = 0;  ///< index in the list
  Duration after;            ///< since the start of its stage
};

struct MassStage {
  Timestamp start, end;
  std::size_t first = 0, count = 0;  ///< in the plan's `rotations`
  std::int64_t per_hour = 0;         ///< of all signers together; rounded down
};

/// What the job asks of a signer.
struct SignerShare {
  std::uint64_t count = 0;
  RateCap cap;
  /// What would end in time, with a tenth of it in reserve; nothing: the waits alone are too long.
  std::optional<std::int64_t> needed_per_hour;
  bool binds = false;  ///< the job does not keep its reserve, and this is why
};

struct MassPlan {
  /// SHA-256("csrflow mass rotation v1" 00, then of each target, by stream and serial: stream 00 serial in
  /// lower-case hex 0a), whatever the order of the list.
  Sha256 set{};
  std::vector<MassStage> stages;
  /// By stage, then by instant; each target that is not hindered by more than a cap once.
  std::vector<PlannedRotation> rotations;
  std::vector<Hindered> hindered;  ///< by index; each target at most once
  std::map<std::string, SignerShare> signers;
  std::int64_t needed_per_hour = 0;  ///< over the time less a tenth of it
  std::uint64_t expire_first = 0;    ///< planned after their notAfter
  std::uint64_t cut = 0;             ///< successors that their CA's end makes shorter
  Duration bucket;                   ///< of `load`
  std::vector<std::uint64_t> load;   ///< rotations in each bucket from the start on
  Timestamp end;                     ///< of the last stage; of an empty plan the job's start
  bool fits = true;                  ///< none of `rotations` begins after the deadline

  Timestamp instant_of(const MassStage& stage, std::size_t rotation) const {
    return stage.start + rotations[rotation].after;
  }
};

/// Inside a stage the nearest expiry goes first, at the full rate of the caps; of equal ones, and in its part
/// of the stage, the jitter chooses: rotation_jitter with 00 "job" 00 and the job's id after the serial. The
/// error says what is wrong with the job. Pure.
std::expected<MassPlan, std::string> plan_mass_rotation(const std::vector<MassTarget>&, const MassJob&,
                                                        HashFunction);

/// How many go in each stage of `n` > 0: the canaries (at most a tenth of all) or, where there are none, 10
/// and at most a thousandth; 1 %; 10 %; the rest. A stage that is not larger than the one before is left out.
std::vector<std::size_t> stage_sizes(std::size_t n, std::size_t canaries);

}  // namespace csrflow::engine
