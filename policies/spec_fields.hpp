// The fields of an approval policy's spec, once: reading, the canonical form and the schema all come from
// here. Internal to document.cpp.
#pragma once

#include "policies/field_codec.hpp"
#include "policies/policy.hpp"
#include "policies/usages.hpp"

namespace csrflow::policies {

// ── strings that mean something ────────────────────────────────────────────────────────────────────────────

/// A pattern of names: E03 when nothing legal can match it.
template <class Pattern>
struct ParsedPattern {
  static constexpr bool pattern = true;
  static auto parse(std::string_view text) { return Pattern::parse(text); }
  static Tree text(const Pattern& value) { return Tree::of_text(value.text()); }
  static std::string_view code(const std::string&) { return "E03"; }
};
template <>
struct Parsed<DnsPattern> : ParsedPattern<DnsPattern> {};
template <>
struct Parsed<EmailPattern> : ParsedPattern<EmailPattern> {};
template <>
struct Parsed<UriPattern> : ParsedPattern<UriPattern> {};
template <>
struct Parsed<IpRange> : ParsedPattern<IpRange> {
  static std::string_view code(const std::string& error) {
    return error == "bits of the host are set" ? "E04" : "E14";
  }
};
template <>
struct Parsed<Regex> : ParsedPattern<Regex> {
  static std::string_view code(const std::string&) { return "E05"; }
};
template <>
struct Parsed<SignerPattern> {
  static constexpr bool pattern = true;
  static std::expected<SignerPattern, std::string> parse(std::string_view text);
  static Tree text(const SignerPattern& value) { return Tree::of_text(value.text); }
  static std::string_view code(const std::string&) { return "E14"; }
};
template <>
struct Parsed<Duration> {
  static constexpr bool pattern = false;
  static auto parse(std::string_view text) { return parse_duration(text); }
  static Tree text(Duration value) { return Tree::of_integer(value.microseconds / 1'000'000); }
  static std::string_view code(const std::string&) { return "E14"; }
};
template <>
struct Parsed<Rate> {
  static constexpr bool pattern = false;
  static auto parse(std::string_view text) { return parse_rate(text); }
  static Tree text(const Rate& value) { return Tree::of_text(rate_text(value)); }
  static std::string_view code(const std::string&) { return "E14"; }
};
template <>
struct Parsed<engine::TimeWindow> {
  static constexpr bool pattern = false;
  static auto parse(std::string_view text) { return engine::parse_time_window(text); }
  static Tree text(const engine::TimeWindow& value) { return Tree::of_text(engine::time_window_text(value)); }
  static std::string_view code(const std::string&) { return "E08"; }
};
template <>
struct Parsed<engine::Day> {
  static constexpr bool pattern = false;
  static auto parse(std::string_view text) { return engine::parse_day(text); }
  static Tree text(engine::Day value) { return Tree::of_text(engine::day_text(value)); }
  static std::string_view code(const std::string&) { return "E08"; }
};
template <>
struct Parsed<engine::TimeZone> {
  static constexpr bool pattern = false;
  static auto parse(std::string_view text) { return engine::TimeZone::find(text); }
  static Tree text(const engine::TimeZone& value) { return Tree::of_text(value.name()); }
  static std::string_view code(const std::string&) { return "E08"; }
};

// ── words ──────────────────────────────────────────────────────────────────────────────────────────────────

template <>
struct Words<AuthenticatedBy> {
  static constexpr std::string_view words[] = {"clientCertificate", "token", "oidc", "anonymous"};
};
template <>
struct Words<LabelOperator> {
  static constexpr std::string_view words[] = {"In", "NotIn", "Exists", "DoesNotExist"};
};
template <>
struct Words<RotationMatch> {
  static constexpr std::string_view words[] = {"any", "only", "never"};
};
template <>
struct Words<RequestedBy> {
  static constexpr std::string_view words[] = {"any", "self", "agent", "rotation"};
};
template <>
struct Words<Unlisted> {
  static constexpr std::string_view words[] = {"none", "any"};
};
template <>
struct Words<StringMatch> {
  static constexpr std::string_view words[] = {"exact", "glob", "dns", "email", "regex"};
};
template <>
struct Words<SameName> {
  static constexpr std::string_view words[] = {"commonName", "email", "uri"};
};
template <>
struct Words<KeyAlgorithm> {
  static constexpr std::string_view words[] = {"RSA", "ECDSA", "Ed25519", "Ed448"};
};
template <>
struct Words<KeyReuse> {
  static constexpr std::string_view words[] = {"", "others", "anyone", "outsideLineage"};
};
template <>
struct Words<PredecessorDecider> {
  static constexpr std::string_view words[] = {"any", "policy", "person"};
};
template <>
struct Words<Outcome> {
  static constexpr std::span<const std::string_view> words = outcome_words;
};

/// `otherwise` may not be approve, which has an error of its own.
struct Otherwise {
  Outcome& value;
};
template <>
struct Codec<Otherwise> {
  static void read(Reading& reading, const Tree& tree, const Otherwise& otherwise) {
    if (tree.kind == Tree::Kind::text && tree.text == "approve")
      return reading.fail("E10", "approve is not allowed here; it may be next, deny or review");
    Codec<Outcome>::read(reading, tree, otherwise.value);
  }
  static Tree write(const Otherwise& otherwise) { return Codec<Outcome>::write(otherwise.value); }
  static void describe(FieldDescription& field) {
    field.type = "string";
    field.choices = {"next", "deny", "review"};
  }
};
/// `sameAs: requester`.
struct SameAs {
  bool& requester;
};
template <>
struct Codec<SameAs> {
  static void read(Reading& reading, const Tree& tree, const SameAs& same) {
    if (tree.kind != Tree::Kind::text || (tree.text != "requester" && !tree.text.empty()))
      return reading.fail("E14", "must be requester");
    same.requester = tree.text == "requester";
  }
  static Tree write(const SameAs& same) { return Tree::of_text(same.requester ? "requester" : ""); }
  static void describe(FieldDescription& field) {
    field.type = "string";
    field.choices = {"requester"};
  }
};
/// Names of Kubernetes' usages.
template <class T>
struct Usages {
  T& value;
};
template <class T>
Usages(T&) -> Usages<T>;
template <class T>
struct Codec<Usages<T>> {
  static void read(Reading& reading, const Tree& tree, const Usages<T>& usages) {
    Codec<T>::read(reading, tree, usages.value);
    Strings names;
    if constexpr (IsOptional<T>::value) {
      if (usages.value) names = *usages.value;
    } else {
      names = usages.value;
    }
    for (const std::string& name : names) {
      if (!is_usage(name))
        reading.fail("E14", "\"" + name + "\" is no usage; the nearest is \"" + nearest_usage(name) + '"');
    }
  }
  static Tree write(const Usages<T>& usages) {
    if constexpr (IsOptional<T>::value) {
      return usages.value ? Codec<Strings>::write(*usages.value) : Tree();
    } else {
      return Codec<Strings>::write(usages.value);
    }
  }
  static void describe(FieldDescription& field) { field.type = "array of string"; }
};

/// A case as it stands in the document.
struct CaseDocument {
  std::string name, expect, because;
  Tree request{.kind = Tree::Kind::object};
};
template <>
struct Codec<Tree> {
  static void read(Reading& reading, const Tree& tree, Tree& value) {
    if (tree.kind != Tree::Kind::object) return reading.wrong_kind(tree, "an object");
    value = tree;
  }
  static Tree write(const Tree& value) { return value; }
  static void describe(FieldDescription& field) { field.type = "object"; }
};
/// A name for people, which YAML may take for a number: `name: 2048`.
struct AnyName {
  std::string& text;
};
template <>
struct Codec<AnyName> {
  static void read(Reading& reading, const Tree& tree, const AnyName& name) {
    const bool scalar = tree.kind != Tree::Kind::list && tree.kind != Tree::Kind::object;
    if (!scalar) return reading.wrong_kind(tree, "a string");
    name.text = tree.text;
  }
  static Tree write(const AnyName& name) { return Tree::of_text(name.text); }
  static void describe(FieldDescription& field) { field.type = "string"; }
};
/// Cases are kept as JSON text.
struct CaseList {
  Strings& cases;
};
template <>
struct Codec<CaseList> {
  static void read(Reading& reading, const Tree& tree, const CaseList& list);
  static Tree write(const CaseList& list);
  static void describe(FieldDescription& field);
};

// ── checks of a block that was read (spec_checks.cpp) ──────────────────────────────────────────────────────

void check_match(const Reading&, const Match&);
void check_labels(const Reading&, const LabelSelector&);
void check_string_rule(Reading&, StringRule&);  ///< and parses the values
void check_min_max(const Reading&, std::int64_t min, const std::optional<std::int64_t>& max);
void check_subject_others(const Reading&, const SubjectRule&);
void check_usages(const Reading&, const UsagesRule&);
void check_key(const Reading&, const KeyRule&);
void check_lifetime(const Reading&, const LifetimeRule&);
void check_demand(const Reading&, const Demand&);
void check_review(const Reading&, const Review&);
void check_obligations(const Reading&, const Obligations&);
void check_extensions(const Reading&, ExtensionsRule&);  ///< and turns names into OIDs
void check_case(const Reading&, const CaseDocument&);
void check_spec(const Reading&, const ApprovalPolicy&);

// ── the fields ─────────────────────────────────────────────────────────────────────────────────────────────

template <class Visitor>
void visit_fields(Visitor&& v, Requesters& r) {
  v("users", r.users, "Users, exactly; users and groups given: either is enough");
  v("groups", r.groups, "Groups; one in common is enough");
  v("usersMatch", r.users_match, "A regular expression (RE2, anchored) for further users");
  v("notUsers", r.not_users, "Users to whom the policy does not apply, whatever else is said");
  v("notGroups", r.not_groups, "Groups to whose members the policy does not apply, whatever else is said");
  v("authenticatedBy", r.authenticated_by, "How the requester proved who they are");
}
template <class Visitor>
void visit_fields(Visitor&& v, LabelExpression& e) {
  v("key", e.key, "The label");
  v("operator", e.op, "What must hold of it");
  v("values", e.values, "For In and NotIn");
}
template <class Visitor>
void visit_fields(Visitor&& v, LabelSelector& s) {
  v("matchLabels", s.match_labels, "Labels with these values");
  v("matchExpressions", s.match_expressions, "All must hold");
  v.check([&](const Reading& reading) { check_labels(reading, s); });
}
template <class Visitor>
void visit_fields(Visitor&& v, Match& m) {
  v("signerNames", m.signer_names, "Signers: domain/name, domain/* or *");
  v("requesters", m.requesters, "Whose requests");
  v("labels", m.labels, "Labels of the request when it was created");
  v("rotation", m.rotation, "Does it name a predecessor that exists?");
  v("requestedBy", m.requested_by,
    "A person or program, an agent with the predecessor's certificate, or csrflow itself");
  v.check([&](const Reading& reading) { check_match(reading, m); });
}

template <class Visitor>
void visit_fields(Visitor&& v, StringRule& r) {
  v("values", r.values, "Each value of the request must be covered by one of these");
  v("match", r.match, "How they are compared");
  v("sameAs", SameAs{r.same_as_requester}, "The requester's name is allowed, too");
  v("min", Bounded{r.min, 0, 1'000}, "How many values at least");
  v("max", Bounded{r.max, 0, 1'000}, "How many values at most");
  v.check([&](Reading& reading) { check_string_rule(reading, r); });
}
template <>
struct Codec<std::map<std::string, StringRule>> {
  using Rules = std::map<std::string, StringRule>;
  static void read(Reading& reading, const Tree& tree, Rules& value) {
    if (tree.kind != Tree::Kind::object) return reading.wrong_kind(tree, "an object");
    for (const auto& [oid, rule] : tree.members) {
      reading.member(oid, rule, [&] { Codec<StringRule>::read(reading, rule, value[oid]); });
    }
  }
  static Tree write(const Rules& value) {
    Tree tree{.kind = Tree::Kind::object};
    for (const auto& [oid, rule] : value) tree.members.emplace_back(oid, Codec<StringRule>::write(rule));
    return tree;
  }
  static void describe(FieldDescription& field) {
    Codec<StringRule>::describe(field);
    field.type = "map of object";
  }
};

/// Field names of AttributeKind.
constexpr std::string_view attribute_fields[attribute_kinds] = {
    "commonName",    "organizations",  "organizationalUnits", "countries",
    "localities",    "provinces",      "streetAddresses",     "postalCodes",
    "serialNumbers", "emailAddresses", "domainComponents",    "userIds"};

template <class Visitor>
void visit_fields(Visitor&& v, SubjectRule& s) {
  v("unlisted", s.unlisted, "Attributes without an entry");
  v.note_written("unlisted", s.unlisted_written);
  v("allowEmpty", s.allow_empty, "May the subject be empty?");
  for (std::size_t kind = 0; kind < attribute_kinds; ++kind)
    v(attribute_fields[kind], s.attributes[kind],
      kind == 0 ? "The common name; there is one at most" : "Values of this attribute");
  v("others", s.others, "Other attributes by their OID");
  v.check([&](const Reading& reading) { check_subject_others(reading, s); });
}

template <class Visitor, class Pattern>
void visit_name_rule(Visitor&& v, NameRule<Pattern>& r) {
  v("allowed", r.allowed, "Each name must be covered by one of these; []: none");
  v("denied", r.denied, "No name may overlap one of these");
  v("min", Bounded{r.min, 0, 10'000}, "How many at least");
  v("max", Bounded{r.max, 0, 10'000}, "How many at most");
  v.check([&](const Reading& reading) { check_min_max(reading, r.min, r.max); });
}
template <class Visitor, class Pattern>
void visit_fields(Visitor&& v, NameRule<Pattern>& r) {
  visit_name_rule(v, r);
}
template <class Visitor>
void visit_fields(Visitor&& v, DnsRule& r) {
  v("wildcards", r.wildcards, "May names that start with *. be asked for at all?");
  v.note_written("wildcards", r.wildcards_written);
  visit_name_rule(v, r);
}
template <class Visitor>
void visit_fields(Visitor&& v, NamesRule& n) {
  v("unlisted", n.unlisted, "Kinds of names without an entry");
  v.note_written("unlisted", n.unlisted_written);
  v("min", Bounded{n.min, 0, 10'000}, "How many names of all kinds at least");
  v("max", Bounded{n.max, 0, 10'000}, "How many names of all kinds at most");
  v("dns", n.dns, "DNS names");
  v("ip", n.ip, "IP addresses");
  v("email", n.email, "E-mail addresses");
  v("uri", n.uri, "URIs");
  v("commonNameInSAN", n.common_name_in_san,
    "A common name that is a DNS name or an address must be among the names");
  v("sameAsRequester", n.same_as_requester, "Of these kinds only the requester's own name");
  v.check([&](const Reading& reading) { check_min_max(reading, n.min, n.max); });
}

template <class Visitor>
void visit_fields(Visitor&& v, UsagesRule& u) {
  v("allowed", Usages{u.allowed}, "No others than these");
  v("required", Usages{u.required}, "These must be among the request's");
  v("exactly", Usages{u.exactly}, "These and no others");
  v.check([&](const Reading& reading) { check_usages(reading, u); });
}
template <class Visitor>
void visit_fields(Visitor&& v, KeyRule& k) {
  constexpr std::int64_t max_bits = 65'536;
  v("algorithms", k.algorithms, "Key algorithms");
  v("minRSA", Bounded{k.min_rsa, 0, max_bits}, "Bits of an RSA key at least");
  v("maxRSA", Bounded{k.max_rsa, 0, max_bits}, "Bits of an RSA key at most");
  v("curves", k.curves, "P-256, P-384, P-521; for ECDSA only");
  v("notReusedBy", k.not_reused_by, "Was the key used in an earlier request, by whom?");
  v.check([&](const Reading& reading) { check_key(reading, k); });
}
template <class Visitor>
void visit_fields(Visitor&& v, LifetimeRule& l) {
  v("min", l.min, "The resolved lifetime at least");
  v("max", l.max, "The resolved lifetime at most");
  v.check([&](const Reading& reading) { check_lifetime(reading, l); });
}
template <class Visitor>
void visit_fields(Visitor&& v, RateRule& r) {
  v("perRequester", r.per_requester, "Requests of the same user to the same signer, this one included");
  v("perName", r.per_name, "Requests for the same name at the same signer; the largest count holds");
  v("perSigner", r.per_signer, "Requests to the same signer");
}
template <class Visitor>
void visit_fields(Visitor&& v, PredecessorRule& p) {
  v("sameSpec", p.same_spec, "The request asks for what its predecessor asked for");
  v("sameRequester", p.same_requester, "It comes from the same user");
  v("maxGenerations", Bounded{p.max_generations, 1, 1'000'000},
    "Number of this certificate in its lineage at most");
  v("maxKeyAge", p.max_key_age, "How long ago the key was first seen at most");
  v("allowRevoked", p.allow_revoked, "May the predecessor be revoked?");
  v("allowExpired", p.allow_expired, "How long it may have been expired");
  v("decidedBy", p.decided_by, "Who decided the predecessor's request");
}
/// A schedule as it is read: it has no default.
struct ScheduleDocument {
  std::optional<engine::TimeZone> zone;
  std::vector<engine::TimeWindow> windows;
  std::vector<engine::Day> except;
};
template <class Visitor>
void visit_fields(Visitor&& v, ScheduleDocument& s) {
  v("timeZone", s.zone, "Zone of the tz database, as Europe/Berlin");
  v("windows", s.windows, "As Mon-Fri 08:00-18:00: end exclusive, over midnight allowed");
  v("except", s.except, "Whole local days without a window, as 2026-12-24");
}
template <>
struct Codec<engine::Schedule> {
  static void read(Reading& reading, const Tree& tree, std::optional<engine::Schedule>& value);
  static Tree write(const engine::Schedule& value);
  static void describe(FieldDescription& field) { Codec<ScheduleDocument>::describe(field); }
};
template <>
struct Codec<std::optional<engine::Schedule>> : Codec<engine::Schedule> {};

template <class Visitor>
void visit_fields(Visitor&& v, ExtensionsRule& e) {
  v("allowed", e.allowed, "Extensions that may be requested, by OID or name, beside those that always may");
  v.check([&](const Reading& reading) { check_extensions(reading, e); });
}
template <class Visitor>
void visit_fields(Visitor&& v, RequestRule& r) {
  v("maxAge", r.max_age, "Requests that have waited longer no longer qualify");
}

template <class Visitor>
void visit_fields(Visitor&& v, Require& r) {
  v("subject", r.subject, "The subject's attributes");
  v("names", r.names, "The subject alternative names");
  v("usages", r.usages, "Key usages and extended key usages, by Kubernetes' names");
  v("key", r.key, "The key");
  v("lifetime", r.lifetime, "The lifetime that would be issued, before obligations");
  v("at", r.at, "When the request is evaluated: inside one window and on no excepted day");
  v("rate", r.rate, "How many requests");
  v("predecessor", r.predecessor,
    "The certificate that this one follows; fails for a request that follows none");
  v("extensions", r.extensions, "Requested extensions");
  v("request", r.request, "The request itself");
}

template <class Visitor>
void visit_fields(Visitor&& v, Demand& d) {
  v("groups", d.groups, "Members of these may fill a place");
  v("users", d.users, "These may fill a place");
  v("count", Bounded{d.count, 0, max_places}, "Places, each for another person");
  v.check([&](const Reading& reading) { check_demand(reading, d); });
}
template <class Visitor>
void visit_fields(Visitor&& v, Review& r) {
  v("approvers", r.approvers, "All of these demands must be filled");
  v("separateFromRequester", r.separate_from_requester, "The requester's own word does not count");
  v("separateFromPredecessor", r.separate_from_predecessor,
    "The word of who decided the predecessor's request does not count");
  v("lapse", r.lapse, "How long a word counts; absent: for ever");
  v("giveUp", r.give_up, "When the request is denied if the review is not complete; absent: never");
  v.check([&](const Reading& reading) { check_review(reading, r); });
}
template <class Visitor>
void visit_fields(Visitor&& v, Obligations& o) {
  v("shortenLifetimeTo", o.shorten_lifetime_to, "The signer issues at most so long");
  v("labels", o.labels, "Labels that the request gets");
  v("rotationPolicy", o.rotation_policy, "Name of the rotation policy that the certificate is under");
  v("notify", o.notify, "Groups or sinks that hear of it");
  v("requireRekey", o.require_rekey, "Successors must have a new key");
  v.check([&](const Reading& reading) { check_obligations(reading, o); });
}
template <class Visitor>
void visit_fields(Visitor&& v, CaseDocument& c) {
  v("name", AnyName{c.name}, "What the case is about");
  v("request", c.request, "The request; what it leaves out has a default");
  v("expect", c.expect, "What the policy must say of it");
  v("because", c.because, "The constraint that must be decisive");
  v.check([&](const Reading& reading) { check_case(reading, c); });
}

template <class Visitor>
void visit_fields(Visitor&& v, ApprovalPolicy& p) {
  v("description", p.description, "One line for people");
  v("match", p.match, "Which requests are under this policy; all that is given must hold");
  v("require", p.require, "What must hold of them; all");
  v("outcome", p.outcome, "What the policy says when match and require hold; next: nothing");
  v("otherwise", Otherwise{p.otherwise}, "What it says when match holds and require does not");
  v("review", p.review, "Who must approve, where outcome or otherwise is review");
  v("obligations", p.obligations, "What follows when it approves, or its review is complete");
  v("priority", Bounded{p.priority, -max_priority, max_priority},
    "Which policy an explanation names first; no other effect");
  v("suspended", p.suspended, "Evaluated and explained, without effect");
  v("cases", CaseList{p.cases}, "Tests, run when the policy is applied");
  v.check([&](const Reading& reading) { check_spec(reading, p); });
}

}  // namespace csrflow::policies
