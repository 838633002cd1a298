// The events of a certificate signing request's stream `csr/<name>`. A stream outlives its object (a deleted
// name can come again), so every event names the uid of the incarnation that it is about.
#pragma once

#include <optional>
#include <variant>

#include "engine/identity.hpp"
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
  Bytes tbs;  ///< DER of the TBSCertificate
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
  Position cause;  ///< of the `signed` event that armed the timer
  std::uint32_t attempt = 1;
  Timestamp window_start, window_end;
  std::string mode;    ///< `renew`
  std::string policy;  ///< what asked for it: `annotation csrflow.io/rotation`
  std::string reason;  ///< `scheduled`
  std::string successor;
};

/// An attempt ended without a certificate; the next is due after the back-off.
struct RotationFailed {
  Uid uid;
  Serial serial;
  Position cause;
  std::uint32_t attempt = 1;
  std::string successor;
  std::string reason, message;
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

using CsrEvent =
    std::variant<Created, Reviewed, Evaluated, Approved, Denied, ReviewedAfterwards, Issuing, Signed, Failed,
                 Expired, RotationDue, RotationFailed, Rotated, Updated, Deleted>;

}  // namespace csrflow::engine
