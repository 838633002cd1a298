#include "policies/sample_requests.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "policies/attributes.hpp"
#include "policies/cases.hpp"
#include "policies/spec_fields.hpp"

namespace csrflow::policies {
namespace {

/// Values of one field that are worth trying.
using Values = std::vector<Tree>;
using Fields = std::map<std::string, Values>;

Tree list_of(const Strings& values) {
  return Codec<Strings>::write(values);
}
Tree list_of(const std::string& value) {
  return list_of(Strings{value});
}

void set(Tree& request, const std::string& field, Tree value) {
  const auto found =
      std::ranges::find(request.members, field, [](const auto& member) { return member.first; });
  if (found == request.members.end()) {
    request.members.emplace_back(field, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

// ── names inside and just outside of patterns ──────────────────────────────────────────────────────────────

Strings examples(const DnsPattern& pattern) {
  const std::string base(pattern.base());
  const auto under = [&](const std::string& label) { return base.empty() ? label : label + '.' + base; };
  if (pattern.literal()) return {pattern.text(), "a." + pattern.text()};
  std::string first = pattern.text().substr(0, pattern.text().find('.'));
  if (first == "**" || first == "*") {
    Strings found{under("a"), under("a.b"), base.empty() ? "x" : "x" + base};
    if (!base.empty()) found.push_back("*." + base), found.push_back(base);
    return found;
  }
  first.replace(first.find('*'), 1, "1");
  return {under(first), under("a"), under("a." + first)};
}
Strings examples(const IpRange& range) {
  const IpAddress first = *IpAddress::parse(range.text().substr(0, range.text().find('/')));
  IpAddress last = first;
  for (unsigned bit = range.prefix(); bit < (first.v6 ? 128u : 32u); ++bit)
    last.bytes[bit / 8] = static_cast<std::uint8_t>(last.bytes[bit / 8] | 0x80u >> bit % 8);
  return {first.text(), last.text(), first.v6 ? "2001:db8:ffff::1" : "192.0.2.1"};
}
Strings examples(const EmailPattern& pattern) {
  const std::string local =
      pattern.any_local_part() ? "jane" : pattern.text().substr(0, pattern.text().rfind('@'));
  Strings found{"someone@elsewhere.example"};
  for (const std::string& domain : examples(pattern.domain())) {
    if (!domain.starts_with('*')) found.push_back(local + '@' + domain), found.push_back("else@" + domain);
  }
  return found;
}
Strings examples(const UriPattern& pattern) {
  std::string text = pattern.text();
  for (auto star = text.find("**"); star != std::string::npos; star = text.find("**"))
    text.replace(star, 2, "a/b");
  for (auto star = text.find('*'); star != std::string::npos; star = text.find('*'))
    text.replace(star, 1, "a");
  return {text, text + "/b"};
}
Strings examples(const StringRule& rule) {
  Strings found{"other value"};
  for (const std::string& value : rule.values) {
    std::string filled = value;
    for (auto star = filled.find('*'); rule.match == StringMatch::glob && star != std::string::npos;
         star = filled.find('*'))
      filled.replace(star, 1, "x");
    if (rule.match == StringMatch::exact || rule.match == StringMatch::glob)
      found.insert(found.begin(), filled);
  }
  for (const DnsPattern& pattern : rule.dns) std::ranges::move(examples(pattern), std::back_inserter(found));
  for (const EmailPattern& pattern : rule.email)
    std::ranges::move(examples(pattern), std::back_inserter(found));
  return found;
}

template <class Pattern>
Strings names_of(const NameRule<Pattern>& rule) {
  Strings found;
  for (const auto* list : {&rule.denied, rule.allowed ? &*rule.allowed : nullptr}) {
    if (list == nullptr) continue;
    for (const Pattern& pattern : *list) std::ranges::move(examples(pattern), std::back_inserter(found));
  }
  return found;
}

// ── what to try for each field ─────────────────────────────────────────────────────────────────────────────

class Collector {
 public:
  void add(const ApprovalPolicy& policy) {
    match(policy.match);
    if (policy.require.subject) subject(*policy.require.subject);
    if (policy.require.names) names(*policy.require.names);
    usages(policy.require.usages);
    key(policy.require.key);
    const auto& lifetime = policy.require.lifetime;
    for (const auto& bound : {lifetime.min, lifetime.max}) {
      if (!bound) continue;
      for (const std::int64_t step : {-1, 0, 1})
        put("lifetime", text(duration_text(*bound + engine::seconds(step))));
    }
    if (policy.require.at) schedule(*policy.require.at);
    rates(policy.require.rate);
    if (policy.require.predecessor) rotation(*policy.require.predecessor);
    if (policy.match.rotation != RotationMatch::any) rotation(PredecessorRule());
    if (policy.require.extensions.allowed) {
      put("extensions", list_of(*policy.require.extensions.allowed));
      put("extensions", list_of("1.2.3.4"));
    }
  }

  Fields fields;

 private:
  static Tree text(const std::string& value) { return Tree::of_text(value); }
  void put(const std::string& field, Tree value) {
    Values& values = fields[field];
    const std::string json = json_text(value);
    if (std::ranges::none_of(values, [&](const Tree& one) { return json_text(one) == json; }))
      values.push_back(std::move(value));
  }

  void match(const Match& m) {
    for (const SignerPattern& pattern : m.signer_names.value_or(std::vector<SignerPattern>())) {
      if (!pattern.text.ends_with('*')) put("signerName", text(pattern.text));
    }
    for (const std::string& user : m.requesters.users.value_or(Strings())) put("user", text(user));
    for (const std::string& user : m.requesters.not_users) put("user", text(user));
    for (const std::string& group : m.requesters.groups.value_or(Strings())) put("groups", list_of(group));
    for (const std::string& group : m.requesters.not_groups) put("groups", list_of(group));
    put("groups", list_of("some-team"));
    for (const std::string_view by : Words<AuthenticatedBy>::words) {
      if (m.requesters.authenticated_by) put("auth", text(std::string(by)));
    }
    if (!m.labels.match_labels.empty()) put("labels", Codec<engine::StringMap>::write(m.labels.match_labels));
    for (const LabelExpression& expression : m.labels.match_expressions) {
      for (const std::string& value : expression.values)
        put("labels", Codec<engine::StringMap>::write({{expression.key, value}}));
      put("labels", Codec<engine::StringMap>::write({}));
    }
    if (m.requested_by != RequestedBy::any) {
      for (const auto* origin : {"self", "agent", "rotation"}) put("requestedBy", text(origin));
    }
  }

  void subject(const SubjectRule& s) {
    for (std::size_t kind = 0; kind < attribute_kinds; ++kind) {
      if (!s.attributes[kind]) continue;
      const std::string field = kind == 0 ? "commonNames" : std::string(attribute_fields[kind]);
      const Strings found = examples(*s.attributes[kind]);
      for (const std::string& value : found) put(field, list_of(value));
      put(field, list_of(Strings()));
      if (found.size() > 1) put(field, list_of(Strings{found[0], found[1]}));
    }
    put("organizationalUnits", list_of("a unit that nobody named"));
  }

  template <class Pattern>
  void kind(const std::string& field, const NameRule<Pattern>& rule) {
    const Strings found = names_of(rule);
    for (const std::string& value : found) put(field, list_of(value));
    put(field, list_of(Strings()));
    if (rule.max && *rule.max < 200 && !found.empty()) {
      put(field, list_of(Strings(static_cast<std::size_t>(*rule.max), found.front())));
      put(field, list_of(Strings(static_cast<std::size_t>(*rule.max) + 1, found.front())));
    }
  }
  void names(const NamesRule& n) {
    if (n.dns) kind<DnsPattern>("dns", *n.dns);
    if (n.ip) kind("ip", *n.ip);
    if (n.email) kind("email", *n.email);
    if (n.uri) kind("uri", *n.uri);
    put("dns", list_of("other.example"));
    put("email", list_of("someone@elsewhere.example"));
    put("uri", list_of("https://other.example/x"));
    put("ip", list_of("192.0.2.1"));
    put("registeredIDs", list_of("1.2.3.4"));
  }

  void usages(const UsagesRule& u) {
    for (const auto* list : {&u.exactly, &u.allowed}) {
      if (!*list) continue;
      put("usages", list_of(**list));
      for (const std::string& usage : **list) {
        Strings others = u.required;
        if (std::ranges::find(others, usage) == others.end()) others.push_back(usage);
        put("usages", list_of(others));
      }
    }
    if (!u.required.empty()) put("usages", list_of(u.required));
    for (const auto* usage :
         {"digital signature", "server auth", "client auth", "code signing", "cert sign"}) {
      Strings more = u.exactly ? *u.exactly : u.required;
      if (std::ranges::find(more, usage) == more.end()) more.emplace_back(usage);
      put("usages", list_of(more));
      put("usages", list_of(usage));
    }
  }

  void key(const KeyRule& k) {
    for (const auto* one :
         {"P-256", "P-384", "P-521", "Ed25519", "Ed448", "RSA-2048", "RSA-3072", "RSA-4096"})
      put("key", text(one));
    for (const auto& bound : {k.min_rsa, k.max_rsa}) {
      if (!bound) continue;
      for (const std::int64_t bits : {*bound - 1, *bound, *bound + 1}) {
        if (bits > 0) put("key", text("RSA-" + std::to_string(bits)));
      }
    }
    if (k.not_reused_by == KeyReuse::unchecked) return;
    put("keyUsedBy", list_of("somebody-else"));
    put("keyUsedBy", list_of("case-user"));
  }

  void schedule(const engine::Schedule& s) {
    const engine::Timestamp start = *engine::parse_rfc3339("2026-01-05T12:00:00Z");
    put("at", text(engine::rfc3339_seconds(start)));
    engine::Timestamp at = start;
    for (int i = 0; i < 6; ++i) {
      const auto next = s.next_change(at);
      if (!next) break;
      put("at", text(engine::rfc3339_seconds(*next)));
      put("at", text(engine::rfc3339_seconds(*next - engine::seconds(1))));
      at = *next;
    }
    for (const engine::Day day : s.except)
      put("at", text(engine::rfc3339_seconds(s.zone.first(day, 12 * 60))));
  }

  void rates(const RateRule& r) {
    const auto count = [&](const std::string& name, const std::optional<Rate>& rate) {
      if (!rate) return;
      for (const std::int64_t n : {rate->limit, rate->limit + 1}) {
        Tree counts{.kind = Tree::Kind::object};
        counts.members.emplace_back(name, Tree::of_integer(n));
        put("count", std::move(counts));
      }
    };
    count("perRequester", r.per_requester);
    count("perName", r.per_name);
    count("perSigner", r.per_signer);
  }

  void rotation(const PredecessorRule& p) {
    const auto one = [&](const std::string& field, Tree value) {
      Tree tree{.kind = Tree::Kind::object};
      tree.members.emplace_back("predecessor", text("web-1"));
      if (!field.empty()) tree.members.emplace_back(field, std::move(value));
      put("rotation", std::move(tree));
    };
    one("", {});
    one("sameSpec", Tree::of_boolean(false));
    one("sameRequester", Tree::of_boolean(false));
    one("revoked", Tree::of_boolean(true));
    one("expired", text(duration_text(p.allow_expired + engine::seconds(1))));
    if (p.max_generations) one("generation", Tree::of_integer(*p.max_generations + 1));
    if (p.max_key_age) one("keyAge", text(duration_text(*p.max_key_age + engine::seconds(1))));
    one("decidedBy", text("policy"));
    one("decidedBy", text("person"));
  }
};

/// Does the policy have fewer objections to `candidate`?
std::size_t objections(const PolicyPtr& policy, const Tree& candidate) {
  const auto facts = read_request_json(json_text(candidate), policy.get());
  if (!facts) return 1'000'000;
  const PolicyResult result = judge(policy, *facts);
  return result.matched ? result.failed.size() : 100'000;
}

/// A request that the policy has little against: each field takes the value that it objects to least.
Tree accepted(const PolicyPtr& policy, const Fields& fields) {
  Tree request{.kind = Tree::Kind::object};
  // A match that fails is one objection whatever fails in it, so that its fields are set first.
  Collector own;
  own.add(*policy);
  for (const auto* field : {"signerName", "user", "groups", "labels", "requestedBy", "rotation"}) {
    const auto found = own.fields.find(field);
    const bool wanted = (std::string_view(field) != "user" || policy->match.requesters.users) &&
                        (std::string_view(field) != "groups" || policy->match.requesters.groups) &&
                        (std::string_view(field) != "rotation" ||
                         policy->match.rotation == RotationMatch::only || policy->require.predecessor);
    if (found != own.fields.end() && wanted) set(request, field, found->second.front());
  }
  for (const auto& [field, values] : fields) {
    std::size_t least = objections(policy, request);
    for (const Tree& value : values) {
      if (least == 0) break;
      Tree candidate = request;
      set(candidate, field, value);
      if (const std::size_t count = objections(policy, candidate); count < least) {
        least = count;
        request = std::move(candidate);
      }
    }
  }
  return request;
}

/// Everything that it leaves to a policy's defaults is written out.
void complete(Tree& request, const ApprovalPolicy& policy) {
  if (request.find("signerName") == nullptr) {
    const auto facts = read_request_json(json_text(request), &policy);
    if (facts) set(request, "signerName", Tree::of_text(facts->signer_name));
  }
  if (request.find("auth") == nullptr && policy.match.requesters.authenticated_by)
    set(request, "auth", Codec<AuthenticatedBy>::write(policy.match.requesters.authenticated_by->front()));
  if (request.find("lifetime") == nullptr)
    set(request, "lifetime",
        Tree::of_text(duration_text(policy.require.lifetime.max.value_or(engine::seconds(3600)))));
}

}  // namespace

std::vector<Tree> sample_requests(const std::vector<PolicyPtr>& policies) {
  Collector collector;
  for (const PolicyPtr& policy : policies) collector.add(*policy);
  std::vector<Tree> bases;
  std::set<std::string> seen;
  const auto base = [&](Tree request, const ApprovalPolicy& policy) {
    complete(request, policy);
    if (seen.insert(json_text(request, true)).second) bases.push_back(std::move(request));
  };
  for (const PolicyPtr& policy : policies) {
    base(accepted(policy, collector.fields), *policy);
    for (const std::string& json : policy->cases) {
      const auto document = read_json_tree(json);
      const Tree* request = document ? document->find("request") : nullptr;
      if (request != nullptr) base(*request, *policy);
    }
  }
  std::vector<Tree> samples = bases;
  for (const Tree& request : bases) {
    for (const auto& [field, values] : collector.fields) {
      for (const Tree& value : values) {
        if (samples.size() >= max_samples) return samples;
        Tree neighbour = request;
        set(neighbour, field, value);
        if (seen.insert(json_text(neighbour, true)).second) samples.push_back(std::move(neighbour));
      }
    }
  }
  return samples;
}

}  // namespace csrflow::policies
