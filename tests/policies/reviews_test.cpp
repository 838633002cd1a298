// n of m: whose word counts, and for how long.
#include "tests/catch.hpp"
#include "tests/policies/asking.hpp"

using namespace csrflow::policies;
using namespace csrflow::policies::test;

namespace {

/// alice asks example.com/payments; these have spoken, the first first.
Facts after(const std::string& words, const std::string& user = "alice") {
  return request({{"signerName", R"("example.com/payments")"},
                  {"user", '"' + user + '"'},
                  {"words", '[' + words + ']'}});
}

std::string word(const std::string& user, const std::string& groups, const std::string& more = "") {
  return R"({"user":")" + user + R"(","groups":[)" + groups + ']' + more + '}';
}
const std::string pki = R"("pki-team")", security = R"("security")", both = pki + ',' + security;

}  // namespace

TEST_CASE("a review waits until every place is filled, each by another person") {
  const PolicyPtr payments = example("payments");
  const auto waits = [&](const Facts& facts, const std::string& has) {
    const Answer answer = ask({payments}, facts);
    CHECK(answer.verdict == "waits");
    CHECK(answer.sentence ==
          with_hash("waits for 2 of group pki-team and 1 of group security (policy payments H)" + has,
                    payments));
    return answer;
  };
  waits(after(""), "");                                                // 50
  const Answer one = waits(after(word("carol", pki)), "; has carol");  // 51
  CHECK(progress_text(one.decision, after(word("carol", pki))) == "1 of 3: carol");
  CHECK(progress(one.decision).of == 3);
  waits(after(word("carol", pki) + ',' + word("carol", pki)), "; has carol");        // 52
  waits(after(word("carol", pki) + ',' + word("dave", both)), "; has carol, dave");  // 54
  waits(after(word("carol", pki) + ',' + word("dave", pki) + ',' + word("erin", security), "carol"),
        "; has dave, erin; carol asked; another must approve");                        // 56
  waits(after(word("dave", pki) + ',' + word("erin", security)), "; has dave, erin");  // 59
  waits(after(word("carol", pki, R"(,"age":"73h")") + ',' + word("dave", pki) + ',' + word("erin", security)),
        "; has dave, erin");  // 58
}

TEST_CASE("a review is complete with its last word") {
  const PolicyPtr payments = example("payments");
  const auto approved = [&](const Facts& facts) {
    const Answer answer = ask({payments}, facts);
    CHECK(answer.verdict == "approve");
    CHECK(answer.sentence == with_hash("approved by policy payments (H)", payments));
    CHECK(reason_word(answer.decision.reason) == "ReviewComplete");
    const auto merged = obligations(answer.decision);
    CHECK(duration_text(*merged.all.shorten_lifetime_to) == "30d");
    CHECK(merged.all.require_rekey);
    CHECK(merged.all.notify == Strings{"security"});
  };
  approved(after(word("carol", pki) + ',' + word("dave", pki) + ',' + word("erin", security)));  // 53
  approved(after(word("carol", pki) + ',' + word("dave", both) + ',' + word("frank", pki)));     // 55
  approved(after(word("dave", both) + ',' + word("carol", both) + ',' + word("frank", security)));
}

TEST_CASE("a word counts until it lapses") {
  const PolicyPtr payments = example("payments");
  const std::string others = ',' + word("dave", pki) + ',' + word("erin", security);
  CHECK(ask({payments}, after(word("carol", pki, R"(,"age":"71h59m59s")") + others)).verdict == "approve");
  CHECK(ask({payments}, after(word("carol", pki, R"(,"age":"72h")") + others)).verdict == "waits");
  const Facts facts = after(word("carol", pki, R"(,"age":"70h")"));
  const PolicySet set({payments});
  CHECK(*next_change(set, facts, decide(set, facts)) - facts.at == *parse_duration("2h"));
}

TEST_CASE("one denial ends it, and the last word of a person is what counts") {
  const PolicyPtr payments = example("payments");
  const Answer denied =
      ask({payments}, after(word("carol", pki) + ',' + word("dave", pki) + ',' +
                            word("erin", security, R"(,"verdict":"deny","message":"not this host")")));  // 57
  CHECK(denied.verdict == "deny");
  CHECK(denied.sentence == "denied by erin: not this host");
  CHECK(reason_word(denied.decision.reason) == "ReviewDenied");
  CHECK(
      ask({payments}, after(word("carol", pki, R"(,"verdict":"deny","age":"2h")") + ',' + word("carol", pki)))
          .verdict == "waits");
}

TEST_CASE("what require misses is denied, and a review without an end is given up") {
  const PolicyPtr payments = example("payments");
  const Answer weak = ask(
      {payments}, request({{"signerName", R"("example.com/payments")"}, {"key", R"("RSA-2048")"}}));  // 61
  CHECK(weak.verdict == "deny");
  CHECK(weak.sentence ==
        with_hash("denied by policy payments (H): RSA key of 2048 bits, at least 3072", payments));
  const Answer late =
      ask({payments}, request({{"signerName", R"("example.com/payments")"}, {"age", R"("30d")"}}));  // 62
  CHECK(late.verdict == "deny");
  CHECK(reason_word(late.decision.reason) == "ReviewTimeout");
  CHECK(ask({payments}, request({{"signerName", R"("example.com/payments")"}, {"age", R"("29d23h")"}}))
            .verdict == "waits");
}

TEST_CASE("a review beats an approval, and words count in every policy") {
  const PolicyPtr payments = changed("payments", {{"example.com/payments", "example.com/web"}});
  const PolicyPtr web = example("web-servers");
  CHECK(ask({web, payments}, request()).verdict == "waits");  // 63
  const std::string words =
      '[' + word("carol", pki) + ',' + word("dave", pki) + ',' + word("erin", security) + ']';
  const Answer answer = ask({web, payments}, request({{"words", words}}));
  CHECK(answer.verdict == "approve");
  CHECK(answer.sentence == with_hash("approved by policy payments (H) and web-servers", payments));
}

TEST_CASE("who asked, or decided the predecessor, is another person only by name") {
  const PolicyPtr payments = example("payments");
  Facts facts = after(word("dave", pki) + ',' + word("erin", security));
  facts.requester.credential = "sha256:1";
  facts.words.push_back(
      {.user = "alice-admin", .groups = {"pki-team"}, .at = facts.at, .credential = "sha256:1"});
  CHECK(ask({payments}, facts).verdict == "waits");
  facts.words.back().credential = "sha256:2";
  CHECK(ask({payments}, facts).verdict == "approve");
  facts.requester.on_behalf_of = "alice-admin";
  CHECK(ask({payments}, facts).verdict == "waits");

  const PolicyPtr separate =
      changed("payments", {{"lapse: 72h", "separateFromPredecessor: true\n    lapse: 72h"}});
  Facts successor = after(word("carol", pki) + ',' + word("dave", pki) + ',' + word("erin", security));
  CHECK(ask({separate}, successor).verdict == "approve");
  successor.predecessor = PredecessorFacts{.name = "pay-1", .deciders = {"erin"}};
  CHECK(ask({separate}, successor).verdict == "waits");
}

TEST_CASE("two names are one person who speaks with one credential, or as another") {
  const PolicyPtr payments = example("payments");
  Facts facts = after(word("carol", pki) + ',' + word("dave", pki) + ',' + word("erin", security));
  CHECK(ask({payments}, facts).verdict == "approve");
  facts.words[0].credential = facts.words[1].credential = "sha256:1";
  CHECK(ask({payments}, facts).sentence ==
        with_hash("waits for 2 of group pki-team and 1 of group security (policy payments H); has dave, erin",
                  payments));
  facts.words[0].credential = "sha256:2";
  CHECK(ask({payments}, facts).verdict == "approve");
  facts.words[1].credential = "user:carol";
  CHECK(ask({payments}, facts).verdict == "waits");
  facts.words[1].credential = "user:frank";
  CHECK(ask({payments}, facts).verdict == "approve");
  facts.requester.user = "frank";
  CHECK(ask({payments}, facts).verdict == "waits");
}

TEST_CASE("a word that can count nowhere is refused with a sentence") {
  const PolicyPtr payments = example("payments");
  const Facts facts = after("", "carol");
  const Decision decision = decide(PolicySet({payments}), facts);
  CHECK(refused_word(decision, facts, {.user = "carol", .groups = {"pki-team"}}) ==
        "carol asked; another must approve");
  CHECK(refused_word(decision, facts, {.user = "dave", .groups = {"pki-team"}}).empty());
}

TEST_CASE("the matching of persons to places is a largest one") {
  // Against every assignment, for small reviews of three groups.
  const PolicyPtr review = policy_of(R"(
apiVersion: csrflow.io/v1
kind: ApprovalPolicy
metadata: { name: three }
spec:
  outcome: review
  review: { approvers: [ { groups: [a], count: 1 }, { groups: [b], count: 2 }, { groups: [c], count: 1 } ] }
)");
  const std::vector<std::string> places{"a", "b", "b", "c"};
  for (unsigned code = 0; code < 4096; code += 7) {  // four persons, three bits of groups each
    Facts facts = request();
    for (unsigned person = 0; person < 4; ++person) {
      Word spoken{.user = "p" + std::to_string(person), .groups = {}, .at = facts.at};
      for (unsigned group = 0; group < 3; ++group) {
        if ((code >> (3 * person + group) & 1) != 0)
          spoken.groups.push_back(std::string(1, static_cast<char>('a' + group)));
      }
      facts.words.push_back(spoken);
    }
    std::size_t best = 0;
    std::vector<unsigned> order{0, 1, 2, 3};
    do {
      std::size_t filled = 0;
      for (std::size_t place = 0; place < 4; ++place) {
        const auto& groups = facts.words[order[place]].groups;
        filled += static_cast<std::size_t>(std::ranges::count(groups, places[place]));
      }
      best = std::max(best, filled);
    } while (std::ranges::next_permutation(order).found);
    const PolicyResult result = judge(review, facts);
    std::size_t has = 0;
    for (const Filled& filled : result.demands) has += filled.words.size();
    CAPTURE(code);
    CHECK(has == best);
    CHECK(result.fulfilled == (best == 4));
  }
}
