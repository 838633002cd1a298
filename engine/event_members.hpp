// What each event stores, described once: its place in the catalogue, and its members in the order in which
// they are written. Writing, reading and the printed catalogue all come from here. Names were chosen once and
// never change; they owe nothing to the names in C++. docs/events.md explains every member, with examples.
//
// A description is `members(visit, event)`: it calls `visit("name", member)` for each member. The member's
// type says how it is stored:
//   std::string, Uid       a string
//   Serial                 lower-case hex
//   Position, uint32_t     an integer
//   Timestamp              RFC 3339 in UTC with microseconds; WholeSeconds{t} without a fraction
//   Duration               integer microseconds
//   Base64{bytes}          standard base64
//   CsrObject              the Kubernetes object; ObjectChange: an RFC 7396 merge patch over it
//   ConfigObject           the Kubernetes object
//   vector of strings      a list of strings
//   StringMap              an object of strings
//   StringLists            an object of lists of strings
//   enumerations           the name of the value
//   JobStage, JobTarget    an object; a vector of them: a list of objects
//   JsonText               the JSON itself
//   std::optional          absent when there is none; IfAny{m} absent when it equals a new one; Flag{b}
//   absent
//                          when false;
//                          Unless{c, m} absent when c holds
#pragma once

#include <concepts>

#include "engine/event.hpp"

namespace csrflow::engine {

// ---- the catalogue ------------------------------------------------------------------------------

struct CatalogueEntry {
  std::string_view category;  ///< of the stream: `csr`; `config` stands for each of config_categories
  std::string_view type;      ///< the column `type`: `approved`
  std::uint32_t schema;
  bool operator==(const CatalogueEntry&) const = default;
};

template <class E>
struct type_tag {};

// An event without an entry here does not compile.
constexpr CatalogueEntry entry_of(type_tag<Created>) {
  return {"csr", "created", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Reviewed>) {
  return {"csr", "reviewed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Evaluated>) {
  return {"csr", "evaluated", 1};
}
constexpr CatalogueEntry entry_of(type_tag<ReviewedAfterwards>) {
  return {"csr", "reviewed_afterwards", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Approved>) {
  return {"csr", "approved", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Denied>) {
  return {"csr", "denied", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Issuing>) {
  return {"csr", "issuing", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Signed>) {
  return {"csr", "signed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Failed>) {
  return {"csr", "failed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Expired>) {
  return {"csr", "expired", 1};
}
constexpr CatalogueEntry entry_of(type_tag<RotationDue>) {
  return {"csr", "rotation_due", 1};
}
constexpr CatalogueEntry entry_of(type_tag<RotationFailed>) {
  return {"csr", "rotation_failed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Rotated>) {
  return {"csr", "rotated", 1};
}
constexpr CatalogueEntry entry_of(type_tag<SuccessorCreated>) {
  return {"csr", "successor_created", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Installed>) {
  return {"csr", "installed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<InstallFailed>) {
  return {"csr", "install_failed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Alerted>) {
  return {"csr", "alerted", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Updated>) {
  return {"csr", "updated", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Deleted>) {
  return {"csr", "deleted", 1};
}
constexpr CatalogueEntry entry_of(type_tag<OwnIssuing>) {
  return {"own", "issuing", 1};
}
constexpr CatalogueEntry entry_of(type_tag<OwnSigned>) {
  return {"own", "signed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<OwnExpired>) {
  return {"own", "expired", 1};
}
constexpr CatalogueEntry entry_of(type_tag<OwnRotated>) {
  return {"own", "rotated", 1};
}
constexpr CatalogueEntry entry_of(type_tag<KeyCreated>) {
  return {"ca", "key_created", 1};
}
constexpr CatalogueEntry entry_of(type_tag<CaIssued>) {
  return {"ca", "ca_issued", 1};
}
constexpr CatalogueEntry entry_of(type_tag<RolloverDue>) {
  return {"ca", "rollover_due", 1};
}
constexpr CatalogueEntry entry_of(type_tag<LogCreated>) {
  return {"log", "created", 1};
}
constexpr CatalogueEntry entry_of(type_tag<LogOpened>) {
  return {"log", "opened", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Resumed>) {
  return {"log", "resumed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<AlertsSummarised>) {
  return {"log", "alerts_summarised", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Applied>) {
  return {"config", "applied", 1};
}
constexpr CatalogueEntry entry_of(type_tag<ConfigDeleted>) {
  return {"config", "deleted", 1};
}

constexpr CatalogueEntry entry_of(type_tag<TokenCreated>) {
  return {"token", "created", 1};
}
constexpr CatalogueEntry entry_of(type_tag<TokenRevoked>) {
  return {"token", "revoked", 1};
}
constexpr CatalogueEntry entry_of(type_tag<TokenUsed>) {
  return {"token", "used", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Queued>) {
  return {"delivery", "queued", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Delivered>) {
  return {"delivery", "delivered", 1};
}
constexpr CatalogueEntry entry_of(type_tag<DeliveryFailed>) {
  return {"delivery", "failed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<Requeued>) {
  return {"delivery", "requeued", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobPlanned>) {
  return {"job", "planned", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobTargets>) {
  return {"job", "targets", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobStarted>) {
  return {"job", "started", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobStageStarted>) {
  return {"job", "stage_started", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobStageDone>) {
  return {"job", "stage_done", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobPaused>) {
  return {"job", "paused", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobResumed>) {
  return {"job", "resumed", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobFinished>) {
  return {"job", "finished", 1};
}
constexpr CatalogueEntry entry_of(type_tag<JobCancelled>) {
  return {"job", "cancelled", 1};
}

// ---- how a member is stored ---------------------------------------------------------------------

template <class T>
struct WholeSeconds {
  T& time;
};
template <class T>
struct Base64 {
  T& bytes;
};
template <class T>
struct IfAny {
  T& member;
};
template <class T>
struct Flag {
  T& flag;
};
template <class T>
struct Unless {
  bool absent;
  T member;
};
template <class T>
WholeSeconds(T&) -> WholeSeconds<T>;
template <class T>
Base64(T&) -> Base64<T>;
template <class T>
IfAny(T&) -> IfAny<T>;
template <class T>
Flag(T&) -> Flag<T>;

// ---- the members --------------------------------------------------------------------------------

/// `E` or `const E`: a description serves reading and writing.
template <class T, class E>
concept like = std::same_as<std::remove_const_t<T>, E>;

template <class Visit>
void members(Visit& visit, like<Predecessor> auto& p) {
  visit("name", p.name);
  visit("uid", p.uid);
  visit("serial", p.serial);
  visit("generation", p.generation);
  visit("baseName", p.base_name);
  visit("cause", p.cause);
  visit("attempt", p.attempt);
  visit("keySince", p.key_since);
  visit("bulk", Flag{p.bulk});
  visit("claim", Flag{p.claim});
}

template <class Visit>
void members(Visit& visit, like<Created> auto& e) {
  visit("object", e.object);
  visit("lifetimeMicros", e.lifetime);
  visit("predecessor", e.predecessor);
  visit("onBehalfOf", IfAny{e.on_behalf_of});
  visit("authenticatedBy", e.authenticated_by);
  visit("credential", IfAny{e.credential});
  visit("lapsesAfterMicros", e.lapses_after);
}

template <class Visit>
void members(Visit& visit, like<Deciding> auto& d) {
  visit("policy", IfAny{d.policy});
  visit("hash", IfAny{d.hash});
  visit("rule", IfAny{d.rule});
}
template <class Visit>
void members(Visit& visit, like<Places> auto& p) {
  visit("filled", p.filled);
  visit("all", p.all);
}
template <class Visit>
void members(Visit& visit, like<Obligations> auto& o) {
  visit("shortenLifetimeToMicros", o.shorten_lifetime_to);
  visit("labels", IfAny{o.labels});
  visit("rotationPolicy", IfAny{o.rotation_policy});
  visit("notify", IfAny{o.notify});
  visit("requireRekey", Flag{o.require_rekey});
}
template <class Visit>
void members(Visit& visit, like<BreakGlass> auto& b) {
  visit("user", b.user);
  visit("reason", b.reason);
  visit("overridden", b.overridden);
}

template <class Visit>
void members(Visit& visit, like<Reviewed> auto& e) {
  visit("uid", e.uid);
  visit("user", e.user);
  visit("groups", IfAny{e.groups});
  visit("credential", IfAny{e.credential});
  visit("verdict", e.say);
  visit("message", IfAny{e.message});
  visit("object", e.object);
}
template <class Visit>
void members(Visit& visit, like<Evaluated> auto& e) {
  visit("uid", e.uid);
  visit("verdict", e.verdict);
  visit("sentence", e.sentence);
  visit("deciding", IfAny{e.deciding});
  visit("places", IfAny{e.places});
  visit("next", e.next);
  visit("notify", IfAny{e.notify});
  visit("facts", IfAny{e.facts});
  visit("object", e.object);
}
template <class Visit>
void members(Visit& visit, like<ReviewedAfterwards> auto& e) {
  visit("uid", e.uid);
  visit("user", e.user);
  visit("groups", IfAny{e.groups});
  visit("message", IfAny{e.message});
}

template <class Visit>
void members_of_verdict(Visit& visit, auto& e) {
  visit("uid", e.uid);
  visit("reason", IfAny{e.reason});
  visit("message", IfAny{e.message});
  visit("object", e.object);
}
template <class Visit>
void members_of_judgement(Visit& visit, auto& e) {
  members_of_verdict(visit, e);
  visit("deciding", IfAny{e.judged.deciding});
  visit("facts", IfAny{e.judged.facts});
  visit("obligations", IfAny{e.judged.obligations});
}
template <class Visit>
void members(Visit& visit, like<Approved> auto& e) {
  members_of_judgement(visit, e);
  visit("lifetimeMicros", e.lifetime);
  visit("breakGlass", e.break_glass);
  visit("by", IfAny{e.by});
  visit("people", IfAny{e.people});
  visit("inheritedFrom", IfAny{e.inherited_from});
}
template <class Visit>
void members(Visit& visit, like<Denied> auto& e) {
  members_of_judgement(visit, e);
}
template <class Visit>
void members(Visit& visit, like<Failed> auto& e) {
  members_of_verdict(visit, e);
}

/// What is about to be signed, for a request or for csrflow itself.
template <class Visit>
void members_of_draft(Visit& visit, auto& e) {
  visit("serial", e.serial);
  visit("clock", e.clock);
  visit("notBefore", WholeSeconds{e.not_before});
  visit("notAfter", WholeSeconds{e.not_after});
  visit("issuer", e.issuer);
  visit("profile", e.profile);
  visit("profileHash", e.profile_hash);
  visit("tbs", Base64{e.tbs});
}
template <class Visit>
void members(Visit& visit, like<Issuing> auto& e) {
  visit("uid", e.uid);
  members_of_draft(visit, e);
  visit("bulk", Flag{e.bulk});
}
template <class Visit>
void members(Visit& visit, like<OwnIssuing> auto& e) {
  members_of_draft(visit, e.draft);
}

template <class Visit>
void members(Visit& visit, like<Signed> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
  visit("notBefore", WholeSeconds{e.not_before});
  visit("notAfter", WholeSeconds{e.not_after});
  visit("issuedAt", e.issued_at);
  visit("fingerprint", e.fingerprint);
  visit("foreign", Flag{e.foreign});
  // The certificate is stored once: in `object.status` where clients see it.
  const bool shown = e.object && e.object->certificate == e.certificate;
  visit("certificate", Unless{shown, Base64{e.certificate}});
  visit("object", e.object);
}

template <class Visit>
void members(Visit& visit, like<Expired> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
}

template <class Visit>
void members(Visit& visit, like<RotationDue> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
  visit("cause", e.cause);
  visit("attempt", e.attempt);
  visit("windowStart", e.window_start);
  visit("windowEnd", e.window_end);
  visit("mode", e.mode);
  visit("modeReason", IfAny{e.mode_reason});
  visit("policy", e.policy);
  visit("policyHash", IfAny{e.policy_hash});
  visit("reason", e.reason);
  visit("job", IfAny{e.job});
  visit("successor", IfAny{e.successor});
  visit("object", IfAny{e.object});
}

template <class Visit>
void members(Visit& visit, like<SuccessorCreated> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
  visit("successor", e.successor);
  visit("successorUid", e.successor_uid);
  visit("cause", e.cause);
  visit("attempt", e.attempt);
}

template <class Visit>
void members(Visit& visit, like<RotationFailed> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
  visit("cause", e.cause);
  visit("attempt", e.attempt);
  visit("successor", IfAny{e.successor});
  visit("reason", IfAny{e.reason});
  visit("message", IfAny{e.message});
  visit("lasting", Flag{e.lasting});
}

template <class Visit>
void members(Visit& visit, like<Installed> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
  visit("user", e.user);
  visit("host", e.host);
  visit("place", e.place);
  visit("at", e.at);
  visit("object", e.object);
}

template <class Visit>
void members(Visit& visit, like<InstallFailed> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
  visit("user", e.user);
  visit("host", e.host);
  visit("place", e.place);
  visit("step", e.step);
  visit("message", e.message);
  visit("rolledBack", Flag{e.rolled_back});
  visit("at", e.at);
  visit("object", e.object);
}

template <class Visit>
void members(Visit& visit, like<Alerted> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
  visit("alert", e.alert);
  visit("cause", e.cause);
  visit("message", e.message);
  visit("notify", IfAny{e.notify});
  visit("summarised", Flag{e.summarised});
}

template <class Visit>
void members(Visit& visit, like<Rotated> auto& e) {
  visit("uid", e.uid);
  visit("serial", e.serial);
  visit("successor", e.successor);
  visit("successorUid", e.successor_uid);
  visit("successorSerial", e.successor_serial);
  visit("object", e.object);
}

template <class Visit>
void members(Visit& visit, like<Updated> auto& e) {
  visit("uid", e.uid);
  visit("object", e.object);
}

template <class Visit>
void members(Visit& visit, like<Deleted> auto& e) {
  visit("uid", e.uid);
  visit("object", e.object);
}

template <class Visit>
void members(Visit& visit, like<OwnSigned> auto& e) {
  visit("serial", e.serial);
  visit("notBefore", WholeSeconds{e.not_before});
  visit("notAfter", WholeSeconds{e.not_after});
  visit("issuedAt", e.issued_at);
  visit("fingerprint", e.fingerprint);
  visit("certificate", Base64{e.certificate});
}

template <class Visit>
void members(Visit& visit, like<OwnExpired> auto& e) {
  visit("serial", e.serial);
}

template <class Visit>
void members(Visit& visit, like<OwnRotated> auto& e) {
  visit("serial", e.serial);
  visit("successorSerial", e.successor_serial);
}

template <class Visit>
void members(Visit& visit, like<KeyCreated> auto& e) {
  visit("algorithm", e.algorithm);
  visit("publicKey", Base64{e.public_key});
  visit("tbs", Base64{e.tbs});
}

template <class Visit>
void members(Visit& visit, like<CaIssued> auto& e) {
  visit("serial", e.serial);
  visit("notBefore", WholeSeconds{e.not_before});
  visit("notAfter", WholeSeconds{e.not_after});
  visit("fingerprint", e.fingerprint);
  visit("certificate", Base64{e.certificate});
}

template <class Visit>
void members(Visit& visit, like<RolloverDue> auto& e) {
  visit("step", e.step);
  visit("at", e.at);
  visit("message", e.message);
}

template <class Visit>
void members(Visit& visit, like<LogCreated> auto& e) {
  visit("format", e.format);
  visit("hash", e.hash);
  visit("origin", e.origin);
  visit("logKey", e.log_key);
  visit("time", e.time);
}

template <class Visit>
void members(Visit& visit, like<LogOpened> auto& e) {
  visit("program", e.program);
  visit("catalogueHash", e.catalogue_hash);
}

template <class Visit>
void members(Visit& visit, like<Resumed> auto& e) {
  visit("lastSeen", e.last_seen);
  visit("at", e.at);
  visit("why", e.why);
  visit("due", e.due);
}
template <class Visit>
void members(Visit& visit, like<AlertsSummarised> auto& e) {
  visit("alert", e.alert);
  visit("count", e.count);
  visit("nearestEnd", e.nearest_end);
  visit("examples", e.examples);
  visit("message", e.message);
}

template <class Visit>
void members(Visit& visit, like<Applied> auto& e) {
  visit("kind", e.kind);
  visit("hash", e.hash);
  visit("object", e.object);
}

template <class Visit>
void members(Visit& visit, like<ConfigDeleted> auto& e) {
  visit("kind", e.kind);
  visit("uid", e.uid);
}

template <class Visit>
void members(Visit& visit, like<TokenCreated> auto& e) {
  visit("id", e.id);
  visit("sha256", e.sha256);
  visit("user", e.user);
  visit("uid", IfAny{e.uid});
  visit("groups", e.groups);
  visit("expiresAt", e.expires_at);
  visit("bootstrap", Flag{e.bootstrap});
  visit("description", IfAny{e.description});
  visit("singleUse", Flag{e.single_use});
  visit("names", IfAny{e.names});
  visit("signers", IfAny{e.signers});
}
template <class Visit>
void members(Visit& visit, like<TokenRevoked> auto& e) {
  visit("id", e.id);
}
template <class Visit>
void members(Visit& visit, like<TokenUsed> auto& e) {
  visit("id", e.id);
  visit("request", e.request);
  visit("requestUid", e.request_uid);
}

template <class Visit>
void members(Visit& visit, like<Notification> auto& n) {
  visit("id", n.id);
  visit("kind", n.kind);
  visit("at", n.at);
  visit("position", n.position);
  visit("stream", n.stream);
  visit("title", n.title);
  visit("text", n.text);
}
template <class Visit>
void members(Visit& visit, like<Queued> auto& e) {
  visit("sink", e.sink);
  visit("notification", e.notification);
  visit("baseMicros", e.base);
  visit("capMicros", e.cap);
  visit("attempts", e.attempts);
}
template <class Visit>
void members(Visit& visit, like<Delivered> auto& e) {
  visit("attempt", e.attempt);
}
template <class Visit>
void members(Visit& visit, like<DeliveryFailed> auto& e) {
  visit("attempt", e.attempt);
  visit("message", e.message);
  visit("dead", Flag{e.dead});
}
template <class Visit>
void members(Visit& visit, like<Requeued> auto& e) {
  visit("user", e.user);
}

template <class Visit>
void members(Visit& visit, like<JobStage> auto& s) {
  visit("count", s.count);
  visit("spanMicros", s.span);
}
template <class Visit>
void members(Visit& visit, like<JobTarget> auto& t) {
  visit("name", t.name);
  visit("uid", t.uid);
  visit("serial", t.serial);
  visit("offsetMicros", t.offset);
}
template <class Visit>
void members(Visit& visit, like<JobPlanned> auto& e) {
  visit("kind", e.kind);
  visit("selection", e.selection);
  visit("reason", e.reason);
  visit("mode", IfAny{e.mode});
  visit("deadline", e.deadline);
  visit("count", e.count);
  visit("setHash", e.set_hash);
  visit("stages", e.stages);
  visit("pauseMicros", e.pause);
  visit("user", e.user);
}
template <class Visit>
void members(Visit& visit, like<JobTargets> auto& e) {
  visit("stage", e.stage);
  visit("targets", e.targets);
}
template <class Visit>
void members(Visit&, like<JobStarted> auto&) {}
template <class Visit>
void members(Visit& visit, like<JobStageStarted> auto& e) {
  visit("stage", e.stage);
}
template <class Visit>
void members(Visit& visit, like<JobStageDone> auto& e) {
  visit("stage", e.stage);
  visit("done", e.done);
  visit("failed", e.failed);
}
template <class Visit>
void members(Visit& visit, like<JobPaused> auto& e) {
  visit("user", IfAny{e.user});
  visit("reason", e.reason);
  visit("failed", IfAny{e.failed});
}
template <class Visit>
void members(Visit& visit, like<JobResumed> auto& e) {
  visit("user", e.user);
}
template <class Visit>
void members(Visit& visit, like<JobFinished> auto& e) {
  visit("done", e.done);
  visit("failed", e.failed);
  visit("missing", IfAny{e.missing});
}
template <class Visit>
void members(Visit& visit, like<JobCancelled> auto& e) {
  visit("user", e.user);
  visit("reason", IfAny{e.reason});
}

// ---- all of them --------------------------------------------------------------------------------

template <class Variant>
struct alternatives;
template <class... E>
struct alternatives<std::variant<E...>> {
  /// Calls `f(type_tag<E>{})` for each event until one call says true.
  template <class F>
  static constexpr bool any(F f) {
    return (f(type_tag<E>{}) || ...);
  }
};

/// Calls `f(type_tag<Family>{}, type_tag<E>{})` for each event of each family until one call says true.
template <class F>
constexpr bool any_event(F f) {
  return alternatives<Event>::any([&]<class Family>(type_tag<Family> family) {
    return alternatives<Family>::any([&]<class E>(type_tag<E> tag) { return f(family, tag); });
  });
}

}  // namespace csrflow::engine
