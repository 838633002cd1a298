// A request as cases write it:
//   user groups uid auth onBehalfOf signerName requestedBy labels
//   commonName organizations … (the subject's fields), subject: [{oid, value}] for others
//   dns ip email uri, otherNames directoryNames registeredIDs, extensions
//   usages key lifetime at age
//   rotation: {predecessor, generation, keyAge, sameSpec, differs, sameRequester, revoked, expired,
//   decidedBy, deciders} count: {perRequester, perName, perSigner}, keyUsedBy: [user, or {user, request,
//   ancestor}] words: [{user, groups, verdict, age, message}]
#include <charconv>

#include "policies/attributes.hpp"
#include "policies/case_fields.hpp"
#include "policies/cases.hpp"
#include "policies/spec_fields.hpp"
#include "policies/unicode.hpp"

namespace csrflow::policies {

namespace {

constexpr auto default_at = "2026-01-05T12:00:00Z";  // a Monday

struct OtherAttribute {
  std::string oid, value;
};
template <class Visitor>
void visit_fields(Visitor&& v, OtherAttribute& a) {
  v("oid", a.oid, "");
  v("value", a.value, "");
}

struct RotationCase {
  std::string predecessor;
  std::int64_t generation = 2;
  Duration key_age;
  bool same_spec = true, same_requester = true, revoked = false;
  Strings differs, deciders;
  std::optional<Duration> expired;
  PredecessorDecider decided_by = PredecessorDecider::any;
};
template <class Visitor>
void visit_fields(Visitor&& v, RotationCase& r) {
  v("predecessor", r.predecessor, "");
  v("generation", Bounded{r.generation, 1, 1'000'000'000}, "");
  v("keyAge", r.key_age, "");
  v("sameSpec", r.same_spec, "");
  v("differs", r.differs, "");
  v("sameRequester", r.same_requester, "");
  v("revoked", r.revoked, "");
  v("expired", r.expired, "");
  v("decidedBy", r.decided_by, "");
  v("deciders", r.deciders, "");
}

struct CountCase {
  std::int64_t per_requester = 1, per_name = 1, per_signer = 1;
};
template <class Visitor>
void visit_fields(Visitor&& v, CountCase& c) {
  constexpr std::int64_t most = 1'000'000'000'000;
  v("perRequester", Bounded{c.per_requester, 0, most}, "");
  v("perName", Bounded{c.per_name, 0, most}, "");
  v("perSigner", Bounded{c.per_signer, 0, most}, "");
}

struct WordCase {
  std::string user, message;
  Strings groups;
  WordVerdict verdict = WordVerdict::approve;
  Duration age;
};
}  // namespace

template <>
struct Words<WordVerdict> {
  static constexpr std::string_view words[] = {"approve", "deny"};
};
template <>
struct Words<Origin> {
  static constexpr std::string_view words[] = {"self", "agent", "rotation"};
};
template <>
struct Words<engine::Authentication> {
  // In the order of the enumeration.
  static constexpr std::string_view words[] = {"system", "clientCertificate", "token", "oidc", "anonymous"};
};

namespace {
template <class Visitor>
void visit_fields(Visitor&& v, WordCase& w) {
  v("user", w.user, "");
  v("groups", w.groups, "");
  v("verdict", w.verdict, "");
  v("age", w.age, "");
  v("message", w.message, "");
}
struct KeyUseCase {
  KeyUse use;
};
template <class Visitor>
void visit_fields(Visitor&& v, KeyUseCase& u) {
  v("user", u.use.user, "");
  v("request", u.use.request, "");
  v("ancestor", u.use.ancestor, "");
}
}  // namespace

/// A user's name alone, too.
struct KeyUseList {
  std::vector<KeyUse> uses;
};
template <>
struct Codec<KeyUseList> {
  static void read(Reading& reading, const Tree& tree, KeyUseList& list) {
    if (tree.kind != Tree::Kind::list) return reading.wrong_kind(tree, "a list");
    for (std::size_t i = 0; i < tree.items.size(); ++i) {
      reading.element(i, tree.items[i], [&] {
        KeyUseCase one;
        if (tree.items[i].kind == Tree::Kind::text) {
          one.use.user = tree.items[i].text;
        } else {
          Codec<KeyUseCase>::read(reading, tree.items[i], one);
        }
        list.uses.push_back(std::move(one.use));
      });
    }
  }
};

namespace {

struct RequestCase {
  std::optional<std::string> user, signer_name, at, common_name;
  std::string uid, key = "P-256", on_behalf_of;
  Strings groups, dns, ip, email, uri, other, directory, registered_id, extensions, usages;
  std::array<Strings, attribute_kinds> attributes;
  std::vector<OtherAttribute> subject;
  std::optional<engine::Authentication> auth;
  std::optional<Origin> requested_by;
  engine::StringMap labels;
  std::optional<Duration> lifetime, age;
  std::optional<RotationCase> rotation;
  CountCase count;
  KeyUseList key_used_by;
  bool ca = false;
  std::vector<WordCase> words;
};
template <class Visitor>
void visit_fields(Visitor&& v, RequestCase& r) {
  v("user", r.user, "");
  v("groups", r.groups, "");
  v("uid", r.uid, "");
  v("auth", r.auth, "");
  v("onBehalfOf", r.on_behalf_of, "");
  v("requestedBy", r.requested_by, "");
  v("signerName", r.signer_name, "");
  v("labels", r.labels, "");
  v("commonName", r.common_name, "");
  for (std::size_t kind = 1; kind < attribute_kinds; ++kind)
    v(attribute_fields[kind], r.attributes[kind], "");
  v("commonNames", r.attributes[0], "");
  v("subject", r.subject, "");
  v("dns", r.dns, "");
  v("ip", r.ip, "");
  v("email", r.email, "");
  v("uri", r.uri, "");
  v("otherNames", r.other, "");
  v("directoryNames", r.directory, "");
  v("registeredIDs", r.registered_id, "");
  v("extensions", r.extensions, "");
  v("ca", r.ca, "");
  v("usages", r.usages, "");
  v("key", r.key, "");
  v("lifetime", r.lifetime, "");
  v("at", r.at, "");
  v("age", r.age, "");
  v("rotation", r.rotation, "");
  v("count", r.count, "");
  v("keyUsedBy", r.key_used_by, "");
  v("words", r.words, "");
}

KeyFacts key_of(const Reading& reading, const std::string& text) {
  if (text == "P-256") return {.algorithm = "ECDSA", .bits = 256, .curve = text};
  if (text == "P-384") return {.algorithm = "ECDSA", .bits = 384, .curve = text};
  if (text == "P-521") return {.algorithm = "ECDSA", .bits = 521, .curve = text};
  if (text == "Ed25519") return {.algorithm = text, .bits = 256};
  if (text == "Ed448") return {.algorithm = text, .bits = 456};
  std::uint32_t bits = 0;
  if (text.starts_with("RSA-")) {
    const char* const end = text.data() + text.size();
    if (std::from_chars(text.data() + 4, end, bits).ptr == end && bits != 0)
      return {.algorithm = "RSA", .bits = bits};
  }
  reading.fail("E14",
               text + ": must be P-256, P-384, P-521, Ed25519, Ed448 or RSA with its bits, as RSA-2048",
               ".key");
  return {};
}

std::string signer_of(const ApprovalPolicy* policy) {
  constexpr auto none = "example.com/test";
  if (policy == nullptr || !policy->match.signer_names || policy->match.signer_names->empty()) return none;
  std::string name = policy->match.signer_names->front().text;
  if (name == "*") return none;
  if (name.ends_with("/*")) name.replace(name.size() - 1, 1, "example");
  return name;
}

engine::Authentication authentication_of(const ApprovalPolicy* policy) {
  if (policy == nullptr || !policy->match.requesters.authenticated_by ||
      policy->match.requesters.authenticated_by->empty())
    return engine::Authentication::token;
  switch (policy->match.requesters.authenticated_by->front()) {
    case AuthenticatedBy::clientCertificate:
      return engine::Authentication::x509;
    case AuthenticatedBy::token:
      return engine::Authentication::token;
    case AuthenticatedBy::oidc:
      return engine::Authentication::oidc;
    case AuthenticatedBy::anonymous:
      return engine::Authentication::anonymous;
  }
  return engine::Authentication::token;
}

void add_subject(Facts& facts, const RequestCase& request) {
  const auto add = [&](AttributeKind kind, const std::string& value) {
    facts.subject.push_back({std::string(attribute_oid(kind)), nfc(value)});
  };
  if (request.common_name && !request.common_name->empty())
    add(AttributeKind::commonName, *request.common_name);
  for (std::size_t kind = 0; kind < attribute_kinds; ++kind) {
    for (const std::string& value : request.attributes[kind]) add(static_cast<AttributeKind>(kind), value);
  }
  for (const OtherAttribute& other : request.subject) facts.subject.push_back({other.oid, nfc(other.value)});
}

/// A case has no signer that lets underscores through, and no label begins with a hyphen: a request for such
/// a name is refused before any policy sees it. A hyphen at a label's end is let be, since what patterns
/// cover is documented with one.
bool refused_domain(std::string_view domain) {
  return !canonical_dns(domain, {.underscores = false, .outer_hyphens = true}) || domain.starts_with('-') ||
         domain.find(".-") != std::string_view::npos;
}

void add_names(Facts& facts, const RequestCase& request) {
  const auto add = [&](NameKind kind, const Strings& values) {
    for (const std::string& value : values) {
      Name& name = facts.names.emplace_back(name_of(kind, value));
      if (kind == NameKind::dns) name.malformed = name.malformed || refused_domain(name.value);
      if (kind == NameKind::email)
        name.malformed =
            name.malformed || refused_domain(std::string_view(name.value).substr(name.value.rfind('@') + 1));
    }
  };
  add(NameKind::dns, request.dns);
  add(NameKind::ip, request.ip);
  add(NameKind::email, request.email);
  add(NameKind::uri, request.uri);
  add(NameKind::other, request.other);
  add(NameKind::directory, request.directory);
  add(NameKind::registered_id, request.registered_id);
}

PredecessorFacts predecessor_of(const RotationCase& rotation, engine::Timestamp at) {
  PredecessorFacts facts{.name = rotation.predecessor,
                         .uid = {},
                         .generation = rotation.generation,
                         .key_age = rotation.key_age,
                         .same_requester = rotation.same_requester,
                         .same_spec = rotation.same_spec && rotation.differs.empty(),
                         .differences = rotation.differs,
                         .revoked = rotation.revoked};
  if (rotation.expired) facts.not_after = at - *rotation.expired;
  facts.decided_by = static_cast<DecidedBy>(rotation.decided_by);
  facts.deciders = rotation.deciders;
  return facts;
}

void add_words(Facts& facts, const RequestCase& request) {
  // The oldest first, as the log has them; of equals the order of the document.
  for (const WordCase& word : request.words) {
    facts.words.push_back({.user = word.user,
                           .groups = word.groups,
                           .verdict = word.verdict,
                           .at = facts.at - word.age,
                           .message = word.message,
                           .credential = {}});
  }
  std::ranges::stable_sort(facts.words, {}, &Word::at);
}

Origin origin_of(const RequestCase& request, engine::Authentication by) {
  if (request.requested_by) return *request.requested_by;
  return by == engine::Authentication::system ? Origin::rotation : Origin::self;
}

Facts facts_of(const Reading& reading, const RequestCase& request, const ApprovalPolicy* policy) {
  Facts facts;
  facts.requester = {.user = request.user.value_or("case-user"),
                     .uid = request.uid,
                     .groups = request.groups,
                     .by = request.auth.value_or(authentication_of(policy)),
                     .on_behalf_of = request.on_behalf_of};
  facts.origin = origin_of(request, facts.requester.by);
  facts.signer_name = request.signer_name.value_or(signer_of(policy));
  const auto longest = policy == nullptr ? std::nullopt : policy->require.lifetime.max;
  facts.lifetime = request.lifetime.value_or(longest.value_or(engine::seconds(3'600)));
  facts.labels = request.labels;
  add_subject(facts, request);
  add_names(facts, request);
  for (const std::string& name : request.extensions)
    facts.extensions.push_back(extension_oid(name).value_or(name));
  facts.requests_ca = request.ca;
  facts.usages = request.usages;
  facts.key = key_of(reading, request.key);
  facts.key.used_by = request.key_used_by.uses;
  const auto at = engine::parse_rfc3339(request.at.value_or(default_at));
  if (!at) reading.fail("E14", "must be an instant, as 2026-03-03T10:00:00Z", ".at");
  facts.at = at.value_or(engine::Timestamp());
  if (request.rotation) facts.predecessor = predecessor_of(*request.rotation, facts.at);
  facts.counts = {{.kind = RateKind::per_requester, .count = request.count.per_requester},
                  {.kind = RateKind::per_name,
                   .count = request.count.per_name,
                   .of = facts.names.empty() ? std::string() : facts.names.front().value},
                  {.kind = RateKind::per_signer, .count = request.count.per_signer}};
  add_words(facts, request);
  facts.created_at = facts.words.empty() ? facts.at : std::min(facts.words.front().at, facts.at);
  if (request.age) facts.created_at = facts.at - *request.age;
  return facts;
}

std::expected<Facts, Problems> read_request_tree(const Tree& tree, const ApprovalPolicy* policy) {
  Problems problems;
  Reading reading(problems);
  auto facts = read_request(reading, tree, policy);
  if (!facts) return std::unexpected(std::move(problems));
  return std::move(*facts);
}

}  // namespace

std::optional<Facts> read_request(Reading& reading, const Tree& tree, const ApprovalPolicy* policy) {
  const std::size_t before = reading.failures();
  RequestCase request;
  Codec<RequestCase>::read(reading, tree, request);
  Facts facts = facts_of(reading, request, policy);
  if (reading.failures() != before) return std::nullopt;
  return facts;
}

std::expected<Facts, Problems> read_request_json(std::string_view json, const ApprovalPolicy* policy) {
  const auto tree = read_json_tree(json);
  if (!tree) return std::unexpected(Problems{tree.error()});
  return read_request_tree(*tree, policy);
}

std::expected<Facts, Problems> read_request_yaml(std::string_view yaml, const ApprovalPolicy* policy) {
  YamlDocuments read = read_yaml_trees(yaml);
  if (!read.problems.empty()) return std::unexpected(std::move(read.problems));
  if (read.documents.size() != 1)
    return std::unexpected(
        Problems{{.code = "E14", .policy = {}, .path = {}, .text = "must be one document with one request"}});
  const Tree* request = read.documents.front().find("request");
  return read_request_tree(request != nullptr ? *request : read.documents.front(), policy);
}

}  // namespace csrflow::policies
