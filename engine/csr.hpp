// The life of a certificate signing request: three functions, and the values that they work on.
#pragma once

#include <functional>
#include <set>

#include "engine/approver.hpp"
#include "engine/csr_events.hpp"
#include "engine/hash_function.hpp"
#include "engine/issuer.hpp"
#include "engine/refusal.hpp"
#include "engine/rotation_rules.hpp"

namespace csrflow::engine {

struct StandingRules;

// ---- state --------------------------------------------------------------------------------------

/// An attempt to rotate a certificate.
struct Rotation {
  Position cause;
  std::uint32_t attempt = 1;
  RotationMode mode{};
  std::string job;        ///< whose it is; empty: it was scheduled
  Position due_at;        ///< of this attempt's event
  Timestamp at;           ///< when that was recorded
  std::string successor;  ///< that is under way; empty: none yet
  std::optional<Timestamp> failed;
  bool lasting = false;  ///< it failed for a reason that stays
};

/// A certificate that this stream's requests got, and what became of it.
struct LedgerEntry {
  Uid uid;
  Serial serial;
  Timestamp not_before, not_after, issued_at;
  std::string fingerprint;
  Position signed_at;  ///< of the `signed` event: the cause of its timers
  Timestamp signed_time;
  bool expired = false;
  /// The rotation that the request asked for at creation, by annotation.
  std::optional<RotationMode> asked;
  bool must_rekey = false;  ///< its approval demands another key of successors
  std::uint32_t generation = 1;
  std::string base_name;                           ///< name of generation 1
  Timestamp key_since;                             ///< when the first certificate over its key was issued
  bool bulk = false;                               ///< one of many made at once
  bool by_agent = false;                           ///< a host's agent looks after it (label csrflow.io/agent)
  std::string successor;                           ///< set once rotated
  std::optional<Rotation> rotation;                ///< the last attempt
  std::set<std::pair<Notable, Position>> alerted;  ///< what was raised, for which cause
  StringMap installations;  ///< `<host> <place>` → empty: it is in use there; else why not
  bool deleted = false;     ///< the object is gone: no more rotation
};

/// A durable `issuing` without its `signed` yet; outlives its object.
struct OpenIssue {
  Issuing issuing;
  Position position;
  Timestamp since;
  std::optional<RotationMode> asked;
  bool must_rekey = false, by_agent = false;
  std::optional<Predecessor> predecessor;
};

/// What the policies said last of an undecided request.
struct Standing {
  Verdict verdict{};
  std::string sentence;
  Deciding deciding;
  Places places;
  std::optional<Timestamp> next;
  Position position;  ///< of its `evaluated` event: the cause of its timer
};

/// A decision by break-glass, and who confirmed it.
struct BreakGlassUse {
  Uid uid;
  std::string user;
  Timestamp at;
  std::string confirmed_by;  ///< empty until then
};

struct CsrState {
  Version version;          ///< of the last event folded in
  std::string correlation;  ///< of the live or last object's chain: `<stream>@<version>`
  std::optional<CsrObject> object;
  Position resource_version;  ///< of the live object: position of its last event with `object`
  std::shared_ptr<const std::string> spec_json;  ///< rendered once at creation
  std::optional<Duration> lifetime;
  std::optional<Predecessor> predecessor;
  std::optional<RotationMode> asked;  ///< csrflow.io/rotation, as it was at creation
  Position created_at;                ///< of the live object's `created` event; 0 while it is being decided
  Timestamp created_time;
  std::string on_behalf_of;
  std::optional<Authentication> authenticated_by;
  std::string credential;
  StringMap labels_at_creation;
  std::vector<Word> words;           ///< on the live object that still count: approve or deny; one a person
  std::optional<Standing> standing;  ///< of the live object, while undecided
  Position approved_at;              ///< of the live object's `approved` event
  Timestamp approved_time;
  std::vector<std::string> deciders;  ///< persons who approved the live object; none: a policy, a rotation
  /// What the live object's approval rests on, also by inheritance: persons with their groups, or a policy.
  StringLists approved_by_people;
  Deciding approved_by;
  std::string approval_inherited_from;
  Obligations obligations;  ///< of the live object's approval
  std::optional<Duration> lapses_after;
  std::vector<BreakGlassUse> break_glass;  ///< oldest first
  std::vector<OpenIssue> open_issues;      ///< at most one a uid
  std::vector<LedgerEntry> ledger;         ///< oldest first; at most one a uid

  const LedgerEntry* certificate_of(const Uid&) const;
  const OpenIssue* open_issue_of(const Uid&) const;
  bool live(const Uid& uid) const { return object && object->meta.uid == uid; }
};

/// Where an event stands in the log; folding needs no more than this and the event.
struct Stamp {
  Position position;
  StreamId stream;
  Version version;
  Timestamp recorded_at;
  std::string correlation;  ///< of the event's context; only `created` events are folded with it
};

// ---- commands -----------------------------------------------------------------------------------

struct Create {
  CsrObject object;  ///< uid set; creation time is set by the decision
  std::optional<Duration> lifetime;
  /// The client has proved, by the key of that certificate, which may have expired, that this is its rekey.
  std::optional<Serial> proven_predecessor = {};
};

/// What a foreign signer's certificate says of itself.
struct CertificateFacts {
  Serial serial;
  Timestamp not_before, not_after;
  std::string fingerprint;
};

/// A PUT or PATCH, computed and validated over the object at version `base`.
struct Change {
  Position base;
  ObjectChange change;
  /// Present when the change sets a certificate.
  std::optional<CertificateFacts> certificate;
};

enum class Propagation { background, foreground, orphan };
struct Delete {
  std::optional<Uid> uid;
  std::optional<Position> resource_version;
  Propagation propagation = Propagation::background;
};

/// Draft and record what will be signed, or why it never will be.
struct BeginIssue {
  Uid uid;
};
struct CompleteIssue {
  Uid uid;
  Serial serial;
  Bytes certificate;  ///< PEM
  std::string fingerprint;
};
/// Ask the policies again, since something that they depend on has changed.
struct Evaluate {
  Uid uid;
};
/// Take back one's word.
struct Withdraw {
  Uid uid;
  std::string message;
};
/// Approve against or without the policies' word.
struct BreakGlassApproval {
  Uid uid;
  std::string reason;
};
/// Stand by somebody else's break-glass.
struct ConfirmBreakGlass {
  Uid uid;
  std::string message;
};
struct Expire {
  Uid uid;
  Serial serial;
};
/// Rotate by the rules that hold now; by a job's, whatever they say.
struct AnnounceRotation {
  Uid uid;
  Serial serial;
  Position cause;
  std::uint32_t attempt = 1;
  std::string job = {};                   ///< its name; empty: it is scheduled
  std::optional<RotationMode> mode = {};  ///< the job's
  bool key_compromised = false;
};
/// Deny what nobody has decided for too long.
struct Lapse {
  Uid uid;
};
/// `kind` and what is to be said follow from the state.
struct RaiseAlert {
  Uid uid;
  Serial serial;
  Notable alert{};
  Position cause;
  bool summarised = false;
};
/// What a host says of its certificate.
struct ReportInstallation {
  Serial serial;
  std::string host, place;
  std::optional<Timestamp> at;
  bool installed = true;
  std::string step, message;  ///< of a failure
  bool rolled_back = false;
};

// Sent only as follow-ups of another decision, in the same transaction.
struct RecordRuling {
  Uid uid;
  std::shared_ptr<const Ruling> ruling;
};
struct CreateSuccessor {
  CsrObject object;
  std::optional<Duration> lifetime;
  Predecessor predecessor;
  std::string on_behalf_of;
  RotationApproval approval{};
};
/// A request says that it follows this certificate.
struct ClaimSuccession {
  Uid uid;
  Serial serial;
  std::string successor;
  Uid successor_uid;
};
struct RecordRotated {
  Uid uid;
  Serial serial;
  std::string successor;
  Uid successor_uid;
  Serial successor_serial;
};
struct RecordRotationFailed {
  Uid uid;
  Serial serial;
  Position cause;
  std::uint32_t attempt = 1;
  std::string successor;
  std::string reason, message;
  bool lasting = false;
};

using CsrCommand =
    std::variant<Create, Change, Delete, Evaluate, Withdraw, BreakGlassApproval, ConfirmBreakGlass,
                 RecordRuling, BeginIssue, CompleteIssue, Expire, AnnounceRotation, Lapse, RaiseAlert,
                 ReportInstallation, CreateSuccessor, ClaimSuccession, RecordRotated, RecordRotationFailed>;

// ---- the three functions ------------------------------------------------------------------------

/// All that a decision may look at besides its stream's state.
struct Facts {
  Timestamp now;  ///< becomes recorded_at of the events
  /// How far the wall clock is behind `now`: the log's time never runs back, the clock's may have.
  Duration clock_behind;
  Identity actor;
  /// 64 random bytes of this command's own.
  std::array<std::uint8_t, 64> random{};
  const Issuer& issuer;
  /// Is there, or was there ever, a request of this name? Includes what this transaction did.
  std::function<bool(std::string_view name)> name_taken;
  /// Null: there are no policies, and people decide.
  const Approver* approver = nullptr;
  /// Null: there are no rotation policies, only the requests' own annotations.
  const StandingRules* rules = nullptr;
  HashFunction hash = nullptr;
  /// Has the signer issued so many in this hour that the next belongs to a lump?
  std::function<bool(const SignerName&)> is_lump = {};
  // For the approver's questions.
  std::function<std::shared_ptr<const CsrState>(std::string_view name)> request = {};
  std::function<std::vector<const Record*>()> uncommitted = {};
};

/// A certificate from a wrong clock is worse than none: beyond this nothing is drafted until the clock has
/// caught up.
constexpr Duration clock_tolerance = seconds(300);
/// Why nothing can be drafted now, or nothing.
std::optional<Refusal> clock_forbids(const Facts&);

/// Another stream's command that belongs to this decision: same transaction, or nothing.
struct FollowUp {
  StreamId stream;
  CsrCommand command;
  Identity actor;
  /// When it is refused: false = the decision stands without it.
  bool essential = true;
};
struct Decision {
  std::vector<CsrEvent> events;
  std::vector<FollowUp> follow_ups;
};

/// What must happen for `command`, or why it may not. Nothing at all (no events) is an answer too: the
/// command came twice or late, or changes nothing. Pure.
std::expected<Decision, Refusal> decide(const StreamId& stream, const CsrState&, const CsrCommand&,
                                        const Facts&);

/// Folds one event in. Total: every event applies to the state that its decider saw. Events of another
/// incarnation change the ledger only.
CsrState evolve(CsrState, const CsrEvent&, const Stamp&);

/// Neither Approved nor Denied, and without a certificate: the policies and people may still decide.
bool undecided(const CsrState&);

/// Work for our signer: Approved, neither Denied nor Failed nor deleted, without a certificate and nothing
/// open.
bool awaits_signature(const CsrState&);

/// Does this event show something new to clients? Then it is one watch event and a new resourceVersion.
bool shows_object(const CsrEvent&);

}  // namespace csrflow::engine
