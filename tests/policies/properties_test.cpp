// What holds for every set of policies and every request.
#include "tests/catch.hpp"
#include "tests/policies/random_policies.hpp"

using namespace csrflow::policies;
using namespace csrflow::policies::test;

namespace {

constexpr std::uint64_t worlds = 600;

/// The verdict and everything about it that people see, but for the order in which requests list things.
std::string told(const std::vector<PolicyPtr>& policies, const Facts& facts) {
  const PolicySet set(policies);
  const Decision decision = decide(set, facts);
  return explanation_json(set, facts, decision, false);
}
std::string verdict(const std::vector<PolicyPtr>& policies, const Facts& facts) {
  return ask(policies, facts).verdict;
}

template <class Property>
void for_all_worlds(Property property) {
  for (std::uint64_t seed = 1; seed <= worlds; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    const auto policies = random_policies(chance);
    property(chance, policies, random_request(chance));
  }
}

}  // namespace

TEST_CASE("a policy that denies, or a guard, never turns a request into an approved one") {
  std::size_t turned = 0;
  for_all_worlds([&](Chance& chance, std::vector<PolicyPtr> policies, const Facts& facts) {
    const std::string before = verdict(policies, facts);
    policies.push_back(chance.one_in(2) ? random_policy(chance, "z", "deny", "next")
                                        : random_policy(chance, "z", "next", "deny"));
    const std::string after = verdict(policies, facts);
    if (before != "approve") CHECK(after != "approve");
    if (before == "approve" && after != "approve") ++turned;
  });
  CHECK(turned > worlds / 100);  // the worlds are such that it happens
}

TEST_CASE("without the policies that approve or review, none approves") {
  for_all_worlds([&](Chance&, std::vector<PolicyPtr> policies, const Facts& facts) {
    std::erase_if(policies, [](const PolicyPtr& policy) {
      return policy->outcome == Outcome::approve || policy->outcome == Outcome::review ||
             policy->otherwise == Outcome::review;
    });
    CHECK(verdict(policies, facts) != "approve");
  });
}

TEST_CASE("the order of policies, groups, names and usages decides nothing") {
  std::map<std::string, std::size_t> seen;
  for_all_worlds([&](Chance& chance, std::vector<PolicyPtr> policies, Facts facts) {
    const std::string before = verdict(policies, facts), all = told(policies, facts);
    ++seen[before];
    std::mt19937_64 random(chance.below(1'000'000));
    std::ranges::shuffle(policies, random);
    CHECK(told(policies, facts) == all);
    std::ranges::shuffle(facts.requester.groups, random);
    std::ranges::shuffle(facts.names, random);
    std::ranges::shuffle(facts.usages, random);
    CHECK(verdict(policies, facts) == before);
  });
  for (const auto* word : {"approve", "deny", "waits", "person"}) CHECK(seen[word] > worlds / 50);
}

TEST_CASE("the decisive failure is among the failed, and relaxing it changes them") {
  for_all_worlds([&](Chance&, const std::vector<PolicyPtr>& policies, const Facts& facts) {
    for (const PolicyPtr& policy : policies) {
      const PolicyResult result = judge(policy, facts);
      if (!result.matched || result.failed.empty()) continue;
      auto relaxed = std::make_shared<ApprovalPolicy>(*policy);
      const Failure& decisive = result.failed.front();
      CHECK_FALSE(failure_text(*policy, facts, decisive).empty());
      CHECK_FALSE(constraint_name(decisive).empty());
      switch (decisive.constraint) {
        case Constraint::lifetime_max:
          relaxed->require.lifetime.max = facts.lifetime;
          break;
        case Constraint::dns_wildcards:
          relaxed->require.names->dns->wildcards = true;
          break;
        case Constraint::dns_denied:
          relaxed->require.names->dns->denied.clear();
          break;
        case Constraint::names_unlisted:
          relaxed->require.names->unlisted = Unlisted::any;
          break;
        case Constraint::usages_allowed:
          relaxed->require.usages.allowed->push_back(facts.usages[decisive.item]);
          break;
        case Constraint::key_curves:
          relaxed->require.key.curves->push_back(facts.key.curve);
          break;
        case Constraint::key_min_rsa:
          relaxed->require.key.min_rsa = facts.key.bits;
          break;
        case Constraint::rate_per_requester:
          relaxed->require.rate.per_requester->limit = 1'000;
          break;
        case Constraint::at:
          relaxed->require.at.reset();
          break;
        default:
          continue;
      }
      const PolicyResult after = judge(relaxed, facts);
      CHECK(after.failed.size() < result.failed.size());
    }
  });
}

TEST_CASE("one failed constraint less is one reason less: what is named is what decides") {
  for_all_worlds([&](Chance&, const std::vector<PolicyPtr>& policies, const Facts& facts) {
    const Answer answer = ask(policies, facts);
    if (answer.verdict != "deny" && answer.verdict != "waits") return;
    if (!answer.decision.deciding) return;
    // Without the policy that is named, and those that say the same, the verdict is another.
    const auto& deciding = answer.decision.policies[*answer.decision.deciding];
    std::vector<PolicyPtr> others = policies;
    std::erase_if(others, [&](const PolicyPtr& policy) {
      return std::ranges::any_of(answer.decision.policies, [&](const PolicyResult& one) {
        return one.policy == policy && one.result == deciding.result &&
               (one.result != Result::review || !one.fulfilled);
      });
    });
    CHECK(verdict(others, facts) != answer.verdict);
  });
}

TEST_CASE("work stays under its bound, and what is above the most is left to a person") {
  for_all_worlds([&](Chance&, const std::vector<PolicyPtr>& policies, const Facts& facts) {
    const PolicySet set(policies);
    CHECK(decide(set, facts).steps <= step_bound(set, facts));
  });
  Facts huge = request();
  for (std::size_t i = 0; i < 300'000; ++i) huge.names.push_back(name_of(NameKind::dns, "a.b"));
  std::vector<PolicyPtr> many;
  for (std::size_t i = 0; i < 20; ++i)
    many.push_back(changed("web-servers", {{"name: web-servers", "name: w" + std::to_string(i)}}));
  const Answer answer = ask(many, huge);
  CHECK(answer.verdict == "person");
  CHECK(reason_word(answer.decision.reason) == "TooComplex");
}

TEST_CASE("a decision is made again from its facts as they are stored") {
  for_all_worlds([&](Chance&, const std::vector<PolicyPtr>& policies, const Facts& facts) {
    const auto stored = decode_facts(encode_facts(facts));
    REQUIRE(stored);
    CHECK(told(policies, *stored) == told(policies, facts));
  });
}

TEST_CASE("nothing changes before the next change") {
  for_all_worlds([&](Chance& chance, const std::vector<PolicyPtr>& policies, const Facts& facts) {
    const PolicySet set(policies);
    const Decision now = decide(set, facts);
    if (now.decided()) return;
    const auto next = next_change(set, facts, now);
    const auto until = next ? *next : facts.at + *parse_duration("40d");
    for (int i = 0; i < 5; ++i) {
      Facts later = facts;
      const auto span = static_cast<std::size_t>((until - facts.at).microseconds);
      later.at = facts.at + csrflow::engine::Duration{static_cast<std::int64_t>(chance.below(span))};
      CHECK(decide(set, later).verdict == now.verdict);
    }
  });
}

TEST_CASE("a pattern that covers a wildcard covers every host under it; overlap is symmetric") {
  Chance chance(7);
  const Strings labels{"a", "b", "web-1", "web-", "x", "shop"},
      firsts{"*", "**", "web-*", "*-db", "a", "w*1"};
  const auto host = [&](std::size_t depth) {
    std::string name = chance.of(labels);
    for (std::size_t i = 0; i < depth; ++i) name += '.' + chance.of({"a", "b", "c"});
    return name;
  };
  std::size_t covered = 0;
  for (int i = 0; i < 2'000; ++i) {
    const std::string base = host(chance.below(3));
    const auto p = DnsPattern::parse(chance.of(firsts) + '.' + host(chance.below(3)));
    const auto q = DnsPattern::parse(chance.of(firsts) + '.' + host(chance.below(3)));
    REQUIRE(p);
    REQUIRE(q);
    CAPTURE(p->text(), q->text(), base);
    CHECK(p->overlaps(*q) == q->overlaps(*p));
    if (p->covers(*q)) CHECK(p->overlaps(*q));
    CHECK(DnsPattern::parse(p->text())->text() == p->text());
    const std::string name = host(2);
    if (p->covers(name) && q->covers(name)) CHECK(p->overlaps(*q));
    if (p->covers(*q) && q->covers(name)) CHECK(p->covers(name));
    if (!p->covers("*." + base)) continue;
    ++covered;
    for (int j = 0; j < 1'000; ++j) CHECK(p->covers(host(0) + '.' + base));
  }
  CHECK(covered > 10);
}

TEST_CASE("canonical forms are canonical") {
  Chance chance(11);
  const std::string letters = "aB1-_.*@/:%?#[] \xc3\xa4";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = chance.of({"", "https://", "spiffe://", "a@", "*."});
    for (std::size_t n = chance.below(12); n > 0; --n) text += letters[chance.below(letters.size())];
    CAPTURE(text);
    if (const auto dns = canonical_dns(text, lenient_dns)) CHECK(canonical_dns(*dns, lenient_dns) == dns);
    if (const auto email = canonical_email(text)) CHECK(canonical_email(*email) == email);
    if (const auto uri = canonical_uri(text)) CHECK(canonical_uri(*uri) == uri);
    if (const auto ip = IpAddress::parse(text)) CHECK(IpAddress::parse(ip->text()) == ip);
    for (const NameKind kind : {NameKind::dns, NameKind::ip, NameKind::email, NameKind::uri}) {
      const Name name = name_of(kind, text);
      CHECK(name_of(kind, name.value).value == name.value);
    }
  }
}

TEST_CASE("a hash does not depend on the order of keys") {
  const auto shuffled = [](Tree tree, std::mt19937_64& random, auto&& self) -> Tree {
    std::ranges::shuffle(tree.members, random);
    for (auto& [name, value] : tree.members) value = self(std::move(value), random, self);
    for (Tree& item : tree.items) item = self(std::move(item), random, self);
    return tree;
  };
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    Chance chance(seed);
    std::mt19937_64 random(seed);
    const Tree tree = *read_json_tree(
        R"({"apiVersion":"csrflow.io/v1","kind":"ApprovalPolicy","metadata":{"name":"p"},"spec":)" +
        random_spec(chance) + '}');
    const auto one = read_policy_json(json_text(tree)),
               other = read_policy_json(json_text(shuffled(tree, random, shuffled)));
    REQUIRE(one);
    REQUIRE(other);
    CHECK((*one)->hash == (*other)->hash);
  }
}
