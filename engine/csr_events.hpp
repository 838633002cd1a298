// The events of a certificate signing request's stream `csr/<name>`. A stream outlives its object (a deleted
// name can come again), so every event names the uid of the incarnation that it is about.
#pragma once

#include <optional>
#include <variant>

#include "engine/identity.hpp"
#include "engine/notification.hpp"
#include "engine/object.hpp"
#include "engine/ruling.hpp"

namespace csrflow::engine {

/// What a rotation's successor follows.
struct Predecessor {
  std::string name;
  Uid uid;
  Serial serial;
  /// Number of this certificate in its lineage: signed ancestors + 1; and the name of generation 1.
  std::uint32_t generation = 2;
  std::string base_name;
  /// Which try of which rotation this is (RotationDue).
  Position cause;
  std::uint32_t attempt = 1;
  /// When the first certificate over the same key was issued; nothing: the key is new.
  std::optional<Timestamp> key_since = {};
  bool bulk = false;  ///< one of many that a job rotates
  /// Somebody else, or for another signer, says that it follows: it blocks nothing, and counts only when a
  /// person approves it.
  bool claim = false;
};

/// A request was accepted.
struct Created {
  CsrObject object;
  /// Lifetime that the signer would give; nothing when no signer of ours serves the name.
  std::optional<Duration> lifetime;
  std::optional<Predecessor> predecessor;
  /// In a renewal: the requester whose identity the spec copies; the event's actor is csrflow.
  std::string on_behalf_of;
  /// How the requester proved who they are, and by which credential (Identity).
  std::optional<Authentication> authenticated_by;
  std::string credential;
  /// The signer gives up on a request that nobody decides for so long; nothing: it waits for ever.
  std::optional<Duration> lapses_after = {};
};

/// One of several needed approvers spoke, took the word back, or it lapsed.
struct Reviewed {
  Uid uid;
  std::string user;
  std::vector<std::string> groups;
  std::string credential;
  Word::Say say{};
  std::string message;
  ObjectChange object;  ///< often empty: what clients see of it is the number of words
};

/// The policies have something to say, and it is not a decision (yet). Written when it changes.
struct Evaluated {
  Uid uid;
  Verdict verdict{};
  std::string sentence;
  Deciding deciding;
  Places places;
  std::optional<Timestamp> next;  ///< when it is looked at again by itself
  std::vector<std::string> notify;
  JsonText facts;
  ObjectChange object;
};

/// A decision against or without the policies' word.
struct BreakGlass {
  std::string user;
  std::string reason;
  std::string overridden;  ///< what the policies said
};

/// What a policy contributed to a decision. All empty when none did.
struct Judged {
  Deciding deciding;
  JsonText facts;
  Obligations obligations;
};

/// Somebody decided. `object` holds the conditions as they became.
struct Approved {
  Uid uid;
  std::string reason, message;
  ObjectChange object;
  Judged judged = {};
  /// Where the signer began to serve after the request was created: the lifetime that it would give.
  std::optional<Duration> lifetime = {};
  std::optional<BreakGlass> break_glass = {};
  std::string by = {};  ///< the one person who decided; empty: a policy, a review or a rotation
  /// Who decided, with their groups then; by inheritance: who decided on the predecessor.
  StringLists people = {};
  std::string inherited_from = {};  ///< name of the predecessor whose approval counts
};
struct Denied {
  Uid uid;
  std::string reason, message;
  ObjectChange object;
  Judged judged = {};
};

/// Another person looked at a decision by break-glass and stands by it.
struct ReviewedAfterwards {
  Uid uid;
  std::string user;
  std::vector<std::string> groups;
  std::string message;
};

/// What is about to be signed. Durable before the CA's key is used; recovery signs exactly these bytes.
struct Issuing {
  Uid uid;
  Serial serial;
  Timestamp clock;  ///< the reading that validity was computed from
  Timestamp not_before, not_after;
  std::string issuer;  ///< SKI of the CA, lower-case hex
  std::string profile, profile_hash;
  Bytes tbs;          ///< DER of the TBSCertificate
  bool bulk = false;  ///< one of very many of its signer in this hour
};

/// A certificate exists. By our signer it is that of `Issuing`; a foreign signer sets its own.
struct Signed {
  Uid uid;
  Serial serial;
  Timestamp not_before, not_after;
  Timestamp
      issued_at;  ///< start of the usable lifetime: Issuing's clock in whole seconds; foreign: recorded_at
  std::string fingerprint;  ///< SHA-256 of the leaf's DER, lower-case hex
  bool foreign = false;
  Bytes certificate;  ///< PEM
  /// Nothing when the object was deleted meanwhile: the certificate is in history only.
  std::optional<ObjectChange> object;
};

/// The signer refused for good.
struct Failed {
  Uid uid;
  std::string reason, message;
  ObjectChange object;
};

/// notAfter has passed.
struct Expired {
  Uid uid;
  Serial serial;
};

/// The time to rotate came.
struct RotationDue {
  Uid uid;
  Serial serial;
  Position cause;  ///< of the event that armed the timer: `signed`, or the policy's or job's
  std::uint32_t attempt = 1;
  Timestamp window_start, window_end;
  std::string mode;         ///< `renew`, `rekey`, `announce`
  std::string mode_reason;  ///< why it is not the policy's: `MaxKeyAge`, `MaxRenewals`, `KeyCompromise`
  std::string policy;       ///< its name, or `annotation csrflow.io/rotation`
  std::string policy_hash;
  std::string reason;     ///< `scheduled`, `retry`, `emergency`
  std::string job;        ///< whose it is
  std::string successor;  ///< of `renew`
  ObjectChange object;    ///< the condition RotationDue, where a host has to act
};

/// A host began to follow a certificate: its request names it.
struct SuccessorCreated {
  Uid uid;
  Serial serial;
  std::string successor;
  Uid successor_uid;
  Position cause;
  std::uint32_t attempt = 1;
};

/// An attempt ended without a certificate; the next is due after the back-off.
struct RotationFailed {
  Uid uid;
  Serial serial;
  Position cause;
  std::uint32_t attempt = 1;
  std::string successor;
  std::string reason, message;
  bool lasting = false;  ///< it fails again until something changes: the next attempt is late
};

/// A successor was signed.
struct Rotated {
  Uid uid;
  Serial serial;
  std::string successor;
  Uid successor_uid;
  Serial successor_serial;
  std::optional<ObjectChange> object;
};

/// A host has the certificate in use.
struct Installed {
  Uid uid;
  Serial serial;
  std::string user;   ///< who reported
  std::string host;   ///< as they say
  std::string place;  ///< path or service, as they say
  std::optional<Timestamp> at;
  ObjectChange object;  ///< the condition Installed
};
/// A host has it, and does not use it.
struct InstallFailed {
  Uid uid;
  Serial serial;
  std::string user, host, place;
  std::string step;  ///< `check`, `write`, `hook`, `probe`
  std::string message;
  bool rolled_back = false;  ///< the predecessor goes on serving
  std::optional<Timestamp> at;
  ObjectChange object;
};

/// Somebody must be told. Once for its cause.
struct Alerted {
  Uid uid;
  Serial serial;
  Notable alert{};
  Position cause;
  std::string message;
  std::vector<std::string> notify;  ///< sinks that hear of it besides those that ask for it
  bool summarised = false;          ///< one of many at once: told of together, not by itself
};

/// Labels, annotations, other controllers' conditions, or the mark that it is being deleted.
struct Updated {
  Uid uid;
  ObjectChange object;
};

/// Removed from the API's view; history stays.
struct Deleted {
  Uid uid;
  ObjectChange object;  ///< empty, or the finalizers that went with it
};

using CsrEvent = std::variant<Created, Reviewed, Evaluated, Approved, Denied, ReviewedAfterwards, Issuing,
                              Signed, Failed, Expired, RotationDue, SuccessorCreated, RotationFailed, Rotated,
                              Installed, InstallFailed, Alerted, Updated, Deleted>;

}  // namespace csrflow::engine
