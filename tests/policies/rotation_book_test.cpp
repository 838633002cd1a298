#include "policies/rotation_book.hpp"

#include "engine/timers.hpp"
#include "tests/policies/past_office.hpp"

using namespace csrflow;
using namespace csrflow::policies;
using namespace csrflow::policies::test;
using engine::Position;
using engine::seconds;
using Texts = std::vector<std::string>;

namespace {

/// `spec` is a flow mapping.
std::string rotation(const std::string& name, const std::string& spec) {
  return "apiVersion: csrflow.io/v1\nkind: RotationPolicy\nmetadata: { name: " + name + " }\nspec: " + spec;
}
std::string sink(const std::string& name, const std::string& spec) {
  return "apiVersion: csrflow.io/v1\nkind: NotificationSink\nmetadata: { name: " + name + " }\nspec: " + spec;
}
constexpr auto everybody =
    "apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\nmetadata: { name: everybody }\n"
    "spec: { match: { signerNames: [kubernetes.io/*] }, outcome: approve }";

/// An office that approves and has signed `web-1`.
struct SignedOffice : PastOffice {
  SignedOffice() {
    apply(everybody);
    ask("web-1");
    sign("web-1");
  }
  std::optional<engine::RotationOrder> order(const std::string& name = "web-1") {
    const CsrState now = state(name);
    return engine::rotation_order(now, *now.certificate_of(now.object->meta.uid), &rotation);
  }
  std::string policy(const std::string& name = "web-1") {
    const auto found = order(name);
    return found ? found->policy : "";
  }
  Texts timers(const std::string& name = "web-1") {
    Texts kinds;
    for (const engine::Timer& timer :
         engine::timers_of(csr_stream(name), state(name), csrflow::test::sha256, &rotation))
      kinds.emplace_back(engine::name_of(timer.kind));
    return kinds;
  }
};

/// What each event since `after` changes for others, told to a book that began there.
std::vector<engine::AffectedTimers> changes(PastOffice& office, Position after) {
  RotationBook book(*office.log.reader(), rotation_sources(office.reader), after);
  std::vector<engine::AffectedTimers> all;
  engine::RecordReader records(office.log.reader(), after);
  for (const engine::Record& record : records.next(1'000))
    if (auto affected = book.take(record); !affected.none()) all.push_back(std::move(affected));
  return all;
}

}  // namespace

TEST_CASE("a certificate is under a policy from the moment that it is applied until it is deleted") {
  SignedOffice office;
  CHECK(office.timers() == Texts{"expire"});
  office.apply(rotation("web", "{ mode: renew }"));
  const Position applied = office.log.reader()->head();
  REQUIRE(office.order());
  CHECK(office.order()->policy == "web");
  CHECK(office.order()->since == applied);
  CHECK(office.order()->since_time == office.log.all().back().recorded_at);
  CHECK(office.order()->rules->mode == engine::RotationMode::renew);
  CHECK(office.timers() == Texts{"rotate", "rotate-overdue", "at-risk", "expire"});
  office.remove("RotationPolicy", "web");
  CHECK_FALSE(office.order());
  CHECK(office.timers() == Texts{"expire"});
}

TEST_CASE("another version of a policy is in force since its own event; the same one since the first") {
  SignedOffice office;
  office.apply(rotation("web", "{ mode: renew }"));
  const auto first = *office.order();
  office.apply(rotation("web", "{ mode: renew, approval: policy }"));
  CHECK(office.order()->since == first.since);
  CHECK(office.order()->hash == first.hash);
  office.apply(rotation("web", "{ mode: rekey }"));
  CHECK(office.order()->since > first.since);
  CHECK(office.order()->hash != first.hash);
}

TEST_CASE("the most specific policy holds; one that an approval names before it") {
  SignedOffice office;
  office.apply(rotation("all", "{}"));
  office.apply(rotation("domain", "{ match: { signerNames: [kubernetes.io/*] } }"));
  office.apply(rotation("named", "{ match: { signerNames: [kubernetes.io/web] } }"));
  office.apply(rotation("other", "{ match: { signerNames: [example.com/web] } }"));
  CHECK(office.policy() == "named");
  office.remove("RotationPolicy", "named");
  CHECK(office.policy() == "domain");
  office.apply(
      "apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\nmetadata: { name: everybody }\n"
      "spec: { match: { signerNames: [kubernetes.io/*] }, outcome: approve, obligations: { rotationPolicy: "
      "other } "
      "}");
  office.ask("web-2");
  office.sign("web-2");
  CHECK(office.policy("web-2") == "other");
  office.remove("RotationPolicy", "other");
  CHECK(office.policy("web-2") == "domain");
}

TEST_CASE("a request is read only for policies that match by what is in it") {
  SignedOffice office;
  office.apply(rotation("shop", "{ match: { dns: ['*.shop.example.com'] } }"));
  CHECK(office.policy() == "shop");
  office.ask("web-2", {.request = "spki=02 dns=www.example.org"});
  office.sign("web-2");
  CHECK(office.policy("web-2").empty());

  struct Unreadable final : engine::RequestReader {
    std::expected<engine::RequestDescription, std::string> describe(const engine::Bytes&) const override {
      throw std::logic_error("nobody asked for it");
    }
  } const unreadable;
  office.remove("RotationPolicy", "shop");
  office.apply(rotation("labels", "{ match: { requesters: { users: [alice] } } }"));
  const RotationBook book(*office.log.reader(), rotation_sources(unreadable));
  CHECK(book.matching(office.state("web-1"))->policy == "labels");
}

TEST_CASE("a book that begins anywhere and follows answers as one that read all of the log") {
  SignedOffice office;
  office.apply(rotation("web", "{ mode: renew }"));
  office.apply(sink("ops", "{ command: { argv: [/bin/true] } }"));
  office.apply(rotation("web", "{ mode: rekey }"));
  office.remove("NotificationSink", "ops");
  office.apply(rotation("web", "{ mode: rekey, description: the same rules }"));
  office.remove("RotationPolicy", "web");
  office.apply(rotation("web", "{ mode: renew }"));
  const CsrState web = office.state("web-1");
  const Position head = office.log.reader()->head();
  for (std::uint64_t begin = 0; begin <= head.value; ++begin) {
    RotationBook following(*office.log.reader(), rotation_sources(office.reader), {begin});
    engine::RecordReader records(office.log.reader(), {begin});
    for (const engine::Record& record : records.next(1'000)) {
      following.take(record);
      const RotationBook read(*office.log.reader(), rotation_sources(office.reader), record.stamp.position);
      CHECK(following.matching(web).has_value() == read.matching(web).has_value());
      if (const auto a = following.matching(web), b = read.matching(web); a && b) {
        CHECK(a->hash == b->hash);
        CHECK(a->since == b->since);
      }
      CHECK(following.expiry_is_watched(web) == read.expiry_is_watched(web));
    }
    CHECK(following.matching(web)->since == head);
  }
}

TEST_CASE("a change says whose timers it may concern") {
  SignedOffice office;
  const Position before = office.log.reader()->head();
  office.apply(rotation("web", "{ match: { signerNames: [kubernetes.io/web, example.com/*] } }"));
  office.apply(rotation("web", "{ match: { signerNames: [kubernetes.io/web, example.com/*] } }"));
  office.apply(rotation("web", "{ match: { signerNames: [kubernetes.io/other] } }"));
  office.apply(rotation("all", "{}"));
  office.apply(
      sink("ops", "{ match: { signerNames: [kubernetes.io/web] }, command: { argv: [/bin/true] } }"));
  office.apply(sink("other", "{ events: [denied], command: { argv: [/bin/true] } }"));
  office.ask("web-2");
  const auto all = changes(office, before);
  REQUIRE(all.size() == 4);
  CHECK(all[0].signers == Texts{"kubernetes.io/web", "example.com/*"});
  CHECK(all[0].policies == Texts{"web"});
  CHECK(all[1].signers == Texts{"kubernetes.io/web", "example.com/*", "kubernetes.io/other"});
  CHECK(all[2].all_requests);
  CHECK(all[3].signers == Texts{"kubernetes.io/web"});

  const CsrState web = office.state("web-1");
  CHECK(all[0].concerns(web));
  CHECK(engine::AffectedTimers{.signers = {"kubernetes.io/*"}}.concerns(web));
  CHECK_FALSE(
      engine::AffectedTimers{.signers = {"kubernetes.io/we", "kubernetes.io.example.com/*"}}.concerns(web));
  CsrState named = web;
  named.obligations.rotation_policy = "web";
  CHECK(engine::AffectedTimers{.policies = {"web"}}.concerns(named));
  CHECK_FALSE(engine::AffectedTimers{.policies = {"web"}}.concerns(web));
}

TEST_CASE("expiry is watched while a sink wants to hear of it") {
  SignedOffice office;
  const auto watched = [&] { return office.rotation.expiry_is_watched(office.state("web-1")); };
  CHECK_FALSE(watched());
  office.apply(sink("ops", "{ match: { dns: [b.shop.example.com] }, command: { argv: [/bin/true] } }"));
  CHECK_FALSE(watched());
  office.apply(sink("ops", "{ match: { dns: ['*.shop.example.com'] }, command: { argv: [/bin/true] } }"));
  CHECK(watched());
  CHECK(office.timers() == Texts{"at-risk", "expire"});
  office.apply(sink("ops", "{ events: [denied], command: { argv: [/bin/true] } }"));
  CHECK_FALSE(watched());
  office.apply(sink("ops", "{ command: { argv: [/bin/true] } }"));
  CHECK(watched());
  office.remove("NotificationSink", "ops");
  CHECK_FALSE(watched());
}

TEST_CASE("the longest lifetime is that of the Signers in the log") {
  PastOffice office;
  auto sources = rotation_sources(office.reader);
  sources.longest_lifetime = [](const engine::ConfigObject& object) -> std::optional<engine::Duration> {
    if (object.body->find("90d") != std::string::npos) return seconds(90 * 86'400);
    if (object.body->find("1h") != std::string::npos) return seconds(3600);
    return std::nullopt;
  };
  const auto signer = [](const std::string& name, const std::string& max) {
    return "apiVersion: csrflow.io/v1\nkind: Signer\nmetadata: { name: '" + name +
           "' }\nspec: { lifetime: { max: " + max + " } }";
  };
  CHECK(RotationBook(*office.log.reader(), sources).longest_lifetime() == seconds(0));
  const Position before = office.log.reader()->head();
  office.apply(signer("example.com:web", "90d"));
  office.apply(signer("example.com:short", "1h"));
  CHECK(RotationBook(*office.log.reader(), sources).longest_lifetime() == seconds(90 * 86'400));

  RotationBook following(*office.log.reader(), sources, before);
  engine::RecordReader records(office.log.reader(), before);
  std::vector<bool> authorities;
  for (const engine::Record& record : records.next(10))
    authorities.push_back(following.take(record).authorities);
  CHECK(authorities == std::vector{true, false});
  CHECK(following.longest_lifetime() == seconds(90 * 86'400));
  office.remove("Signer", "example.com:web");
  CHECK(RotationBook(*office.log.reader(), sources).longest_lifetime() == seconds(3600));
}

TEST_CASE("canaries are marked by the labels that the policy names") {
  SignedOffice office;
  office.apply(rotation("web", "{ canary: { matchLabels: { tier: canary } } }"));
  CsrState web = office.state("web-1");
  CHECK_FALSE(office.rotation.matching(web)->canary);
  web.labels_at_creation["tier"] = "canary";
  CHECK(office.rotation.matching(web)->canary);
}

TEST_CASE("what a successor asks for otherwise than its predecessor is said in a sentence") {
  SignedOffice office;
  office.apply(rotation("web", "{ mode: rekey, keyUpgrade: [P-384] }"));
  office.ask("same", {.request = "spki=01 dns=a.shop.example.com"});
  CHECK(office.rotation.difference_of(office.state("web-1"), office.state("same")).empty());
  office.ask("longer", {.expiration = 7'200});
  CHECK(office.rotation.difference_of(office.state("web-1"), office.state("longer")) ==
        "the lifetime is 2h instead of 1h");
  office.ask("unread", {.request = "no paper"});
  CHECK(office.rotation.difference_of(office.state("web-1"), office.state("unread")) ==
        "the request of unread cannot be read: it is no paper request");
}

TEST_CASE("a document of a later program stops this one with a sentence") {
  csrflow::test::MemoryLog log;
  engine::ConfigObject object;
  object.meta.name = "web";
  object.meta.uid = {"uid-of-web"};
  object.body = std::make_shared<const std::string>(R"({"spec":{"mode":"teleport"}})");
  engine::NewEvent applied{.stream = {"rotation/rotationpolicies/web"}, .version = {1}, .type = "applied"};
  applied.data = engine::encode(engine::ConfigEvent(engine::Applied{"RotationPolicy", "hash", object}));
  REQUIRE(log.append({}, std::span(&applied, 1)));
  const PaperReader reader;
  CHECK_THROWS_WITH(RotationBook(*log.reader(), rotation_sources(reader)),
                    Catch::Contains("the rotation policy web cannot be read by this program") &&
                        Catch::Contains("must be one of renew, rekey, announce, none") &&
                        Catch::Contains("use a newer csrflow"));
}
