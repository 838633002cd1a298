// The fields of a rotation policy's spec, once: reading, the canonical form and the schema all come from
// here. Internal to rotation_document.cpp.
#pragma once

#include "policies/certificate_match_fields.hpp"
#include "policies/rotation_policy.hpp"

namespace csrflow::policies {

constexpr std::int64_t whole = 1'000'000;          ///< of a lifetime, in millionths
constexpr std::int64_t latest_fraction = 950'000;  ///< of it, at which a window may end
constexpr std::int64_t max_renewals = 1'000'000;
constexpr std::int64_t max_in_flight = 1'000'000;

/// `0.6`, with at most six places, as millionths.
std::expected<std::int64_t, std::string> parse_millionths(std::string_view number);
std::string millionths_text(std::int64_t);

/// A part of the lifetime.
struct Fraction {
  std::int32_t& value;
  std::int64_t most = whole;
};
template <>
struct Codec<Fraction> {
  static void read(Reading&, const Tree&, const Fraction&);
  static Tree write(const Fraction&);
  static void describe(FieldDescription& field) { field.type = "number"; }
};

/// A rate whose burst follows from it: as many as its period has, at most `most_burst`.
struct Cap {
  engine::RateCap& value;
  std::int64_t most_burst;
};
template <>
struct Codec<Cap> {
  static void read(Reading&, const Tree&, const Cap&);
  static Tree write(const Cap&);
  static void describe(FieldDescription& field) { field.type = "string"; }
};

template <>
struct Parsed<engine::Timestamp> {
  static constexpr bool pattern = false;
  static auto parse(std::string_view text) { return engine::parse_rfc3339(text); }
  static Tree text(engine::Timestamp value) { return Tree::of_text(engine::rfc3339_micro(value)); }
  static std::string_view code(const std::string&) { return "E08"; }
};

template <>
struct Words<engine::RotationMode> {
  static constexpr std::span<const std::string_view> words = engine::rotation_mode_words;
};
template <>
struct Words<engine::RotationApproval> {
  static constexpr std::string_view words[] = {"policy", "inherit", "people"};
};

void check_rule(const Reading&, const engine::WindowRule&);
void check_before(const Reading&, const engine::BeforeExpiry&);
void check_outside(const Reading&, const engine::Window&);
void check_retry(const Reading&, const engine::RetryRule&);
void check_rotation(const Reading&, const RotationPolicy&);

template <class Visitor>
void visit_fields(Visitor&& v, engine::WindowRule& r) {
  v("from", Fraction{r.from, latest_fraction}, "Where the window begins, as 0.6 of the lifetime");
  v("to", Fraction{r.to, latest_fraction}, "Where it ends, at most 0.95");
  v.check([&](const Reading& reading) { check_rule(reading, r); });
}
template <class Visitor>
void visit_fields(Visitor&& v, engine::BeforeExpiry& b) {
  v("from", b.from, "How long before the certificate's end the window begins, as 30d");
  v("to", b.to, "How long before it the window ends");
  v.check([&](const Reading& reading) { check_before(reading, b); });
}
template <class Visitor>
void visit_fields(Visitor&& v, engine::Window& w) {
  v("start", w.start, "RFC 3339");
  v("end", w.end, "RFC 3339, after start");
  v.check([&](const Reading& reading) { check_outside(reading, w); });
}

/// `when` as it stands in the document.
struct WhenDocument {
  std::optional<engine::WindowRule> fraction;
  std::optional<engine::BeforeExpiry> before_expiry;
  std::optional<engine::Window> window;
};
template <class Visitor>
void visit_fields(Visitor&& v, WhenDocument& w) {
  v("fraction", w.fraction, "Parts of the lifetime");
  v("beforeExpiry", w.before_expiry,
    "Times before the end; for certificates that live no longer than `from`, the default fraction holds");
  v("window", w.window, "Given from outside, as by RFC 9773");
}
template <>
struct Codec<engine::RotationTime> {
  static void read(Reading&, const Tree&, engine::RotationTime&);
  static Tree write(const engine::RotationTime&);
  static void describe(FieldDescription& field) { Codec<WhenDocument>::describe(field); }
};

/// A maintenance or blackout window as it stands in the document.
struct CalendarDocument {
  std::optional<Strings> days;
  std::optional<std::string> from, to, start, end;
  std::optional<engine::TimeZone> zone;
};
template <class Visitor>
void visit_fields(Visitor&& v, CalendarDocument& c) {
  v("days", c.days, "Days of the week, as Mon, Mon-Fri; absent: every day");
  v("from", c.from, "Wall time, as 08:00");
  v("to", c.to, "Wall time, exclusive, up to 24:00; at or before from: of the next day");
  v("start", c.start, "Instead: the first whole day, as 2026-12-20, or an instant (RFC 3339)");
  v("end", c.end, "The last whole day, included; of instants exclusive");
  v("timeZone", c.zone, "Zone of the tz database, as Europe/Berlin");
}
template <>
struct Codec<engine::CalendarWindow> {
  static std::optional<engine::CalendarWindow> parse(Reading&, const Tree&);
  static Tree write(const engine::CalendarWindow&);
  static void describe(FieldDescription& field) { Codec<CalendarDocument>::describe(field); }
};

template <class Visitor>
void visit_fields(Visitor&& v, engine::RotationLimits& l) {
  v("maxKeyAge", l.max_key_age, "A key that is older, from its first certificate, is no longer renewed");
  v("maxRenewals", Bounded{l.max_renewals, 1, max_renewals}, "How often renew follows; then rekey");
  v("perSigner", Cap{l.per_signer, 50}, "Rotations of one signer, as 200/s");
  v("perRequester", Cap{l.per_requester, 20}, "Rotations of one requester's certificates");
  v("inFlight", Bounded{l.in_flight, 1, max_in_flight}, "Announced renewals that wait for their signature");
}
template <class Visitor>
void visit_fields(Visitor&& v, engine::RetryRule& r) {
  v("base", r.base, "The wait after the first failure; each further one is twice as long");
  v("cap", r.cap, "No wait is longer");
  v.check([&](const Reading& reading) { check_retry(reading, r); });
}
template <class Visitor>
void visit_fields(Visitor&& v, engine::RotationAlerts& a) {
  v("overdue", a.overdue, "When the window has ended without a successor");
  v("atRisk", Fraction{a.at_risk}, "When so much of the lifetime is left");
  v("notify", a.notify, "Who hears of it");
}

struct CanaryDocument {
  LabelSelector& labels;
  std::int32_t& lead;
};
template <class Visitor>
void visit_fields(Visitor&& v, CanaryDocument& c) {
  v("matchLabels", c.labels.match_labels, "Labels with these values");
  v("matchExpressions", c.labels.match_expressions, "All must hold");
  v("lead", Fraction{c.lead}, "By so much of their lifetime they rotate earlier");
  v.check([&](const Reading& reading) { check_labels(reading, c.labels); });
}
template <>
struct Codec<CanaryDocument> {
  static void read(Reading&, const Tree&, CanaryDocument);
  static Tree write(CanaryDocument);
  static void describe(FieldDescription&);
};

struct GraceDocument {
  bool& enabled;
  Duration& grace;
};
template <class Visitor>
void visit_fields(Visitor&& v, GraceDocument& g) {
  v("enabled", g.enabled, "Expired certificates are still rotated");
  v("grace", g.grace, "For so long, and at most their lifetime");
}
template <>
struct Codec<GraceDocument> {
  static void read(Reading&, const Tree&, GraceDocument);
  static Tree write(GraceDocument);
  static void describe(FieldDescription&);
};

template <class Visitor>
void visit_fields(Visitor&& v, RotationPolicy& p) {
  engine::RotationRules& r = p.rules;
  v("description", p.description, "One line for people");
  v("match", p.match, "Which certificates are under this policy; all that is given must hold");
  v("mode", r.mode, "Same key, new key, only said, or not at all");
  v("when", r.when, "The window in which a certificate rotates: one of fraction, beforeExpiry, window");
  v("first", r.first, "In place of a fraction, for certificates that were made in bulk");
  v("approval", r.approval, "Who approves the successor");
  v("limits", r.limits, "How much at once, and how long one key");
  v("blackouts", r.blackouts, "When no rotation begins, where the window has another moment");
  v("allow", r.allow, "Maintenance windows: rotations begin in these only, where they can");
  v("retry", r.retry, "How long to wait after failures");
  v("canary", CanaryDocument{p.canary, r.canary_lead}, "Which of them go first");
  v("alerts", r.alerts, "When somebody is told");
  v("renewExpired", GraceDocument{r.renew_expired, r.grace}, "What happens after expiry");
  v("keyUpgrade", p.key_upgrade, "Keys that a rekey may change to, as P-384, RSA-3072, Ed25519");
  v.check([&](const Reading& reading) { check_rotation(reading, p); });
}

}  // namespace csrflow::policies
