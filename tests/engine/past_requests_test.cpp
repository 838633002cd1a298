// The past in memory, and in few bytes.
#include "engine/past_requests.hpp"

#include "engine/cached_request_reader.hpp"
#include "engine/recent_requests.hpp"
#include "engine/streams.hpp"
#include "tests/catch.hpp"
#include "tests/support/sha256.hpp"

using namespace csrflow::engine;
using csrflow::test::sha256;

namespace {

struct CountingReader final : RequestReader {
  mutable int asked = 0;
  std::expected<RequestDescription, std::string> describe(const Bytes& pem) const override {
    ++asked;
    if (pem.empty()) return std::unexpected("it is empty");
    RequestDescription description;
    description.names.push_back({"dns", pem});
    return description;
  }
};

RequestDescription everything_of_a_request() {
  RequestDescription d;
  d.subject = {{"2.5.4.3", "web"}, {"2.5.4.10", "Läden"}};
  d.names = {{"dns", "a.example.com"}, {"ip", "10.0.0.1"}, {"directory", "CN=x"}};
  d.extensions = {"2.5.29.17", "2.5.29.15"};
  d.asks_for_ca = true;
  d.key = {"RSA", 3072, "", std::string(64, 'a')};
  return d;
}

Created everything_of_a_creation() {
  CsrSpec spec{.request = "PEM",
               .signer_name = {"example.com/web"},
               .expiration_seconds = -5,
               .usages = {"server auth", "client auth"},
               .username = "jane",
               .uid = "u-1",
               .groups = {"web-team", "system:authenticated"},
               .extra = {{"scope", {"a", "b"}}}};
  Created created{.object = {}, .lifetime = seconds(90)};
  created.object.meta.name = "web.2";
  created.object.meta.uid = {"uid-2"};
  created.object.meta.labels = {{"tier", "web"}};
  created.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
  created.predecessor = Predecessor{.name = "web",
                                    .uid = {"uid-1"},
                                    .serial = {"\x01\xff"},
                                    .generation = 2,
                                    .base_name = "web",
                                    .cause = {300},
                                    .attempt = 3,
                                    .claim = true};
  created.on_behalf_of = "jane";
  created.authenticated_by = Authentication::oidc;
  created.credential = "token:abc";
  return created;
}

std::string form_of(const RequestDescription::Name& name) {
  return name.kind + ':' + name.value;
}

Record record_of(CsrEvent event, std::shared_ptr<const State> before, std::uint64_t position,
                 const Identity& actor) {
  Context context;
  context.actor = actor;
  context.source.address = "192.0.2.7";
  return make_record({{position}, csr_stream("web.2"), {position}, from_seconds(1000), {}},
                     std::make_shared<const Context>(context), std::move(event), std::move(before));
}

PastRow row_of(const Record& record, const std::expected<RequestDescription, std::string>& description) {
  const auto& created = std::get<Created>(*record.csr_event());
  const auto trace =
      trace_of(created, record.stamp.position, record.stamp.recorded_at, record.context->actor.by,
               description ? &*description : nullptr, form_of, [](const Uid&) { return Uid{"uid-0"}; });
  return past_row(record, description, trace, sha256).value();
}

}  // namespace

TEST_CASE("a request is kept whole, but for its bytes") {
  const auto before = std::make_shared<const State>(CsrState());
  const Record record = record_of(everything_of_a_creation(), before, 9, {.user = "jane"});
  const PastRow row = row_of(record, everything_of_a_request());
  CHECK(row.is_made());
  const MadeRequest made = made_request(row);
  const Created created = everything_of_a_creation();
  CsrSpec without_bytes = *created.object.spec;
  without_bytes.request.clear();
  CHECK(made.spec == without_bytes);
  CHECK(made.position == Position{9});
  CHECK(made.recorded_at == from_seconds(1000));
  CHECK(made.name == "web.2");
  CHECK(made.uid == Uid{"uid-2"});
  CHECK(made.lineage == Uid{"uid-0"});
  CHECK(made.labels == created.object.meta.labels);
  CHECK(made.lifetime == created.lifetime);
  CHECK(made.predecessor->serial == created.predecessor->serial);
  CHECK(made.predecessor->cause == Position{300});
  CHECK(made.predecessor->attempt == 3);
  CHECK(made.predecessor->claim);
  CHECK(made.predecessor_named == "web");
  CHECK(made.on_behalf_of == "jane");
  CHECK(made.authenticated_by == Authentication::oidc);
  CHECK(made.credential == "token:abc");
  CHECK(made.source == "192.0.2.7");
  const RequestDescription was = everything_of_a_request();
  REQUIRE(made.description);
  CHECK(made.description->subject == was.subject);
  CHECK(made.description->names == was.names);
  CHECK(made.description->extensions == was.extensions);
  CHECK(made.description->asks_for_ca);
  CHECK(made.description->key == was.key);

  const Counted head = counted(row);
  CHECK(head.counted);
  CHECK(head.groups.size() == 5);  // requester, signer, three names
  CHECK(head.groups.at(0) == key_of({RequestGroup::Kind::requester, "example.com/web", "jane"}, sha256));
  CHECK(head.use.request == "web.2");
  CHECK(head.signer_name == "example.com/web");
  CHECK(head.predecessor == "web");
}

TEST_CASE("a request that cannot be read is kept with the reason") {
  const auto before = std::make_shared<const State>(CsrState());
  const Record record = record_of(everything_of_a_creation(), before, 9, {.user = "jane"});
  const MadeRequest made = made_request(row_of(record, std::unexpected("it is no PKCS#10")));
  REQUIRE_FALSE(made.description);
  CHECK(made.description.error() == "it is no PKCS#10");
  CHECK(counted(row_of(record, std::unexpected("it is no PKCS#10"))).spki_sha256.empty());
}

TEST_CASE("words, decisions and the end of a request are kept; what comes after a decision is not") {
  const auto nothing = std::make_shared<const State>(CsrState());
  const Record made = record_of(everything_of_a_creation(), nothing, 9, {.user = "jane"});
  const Uid uid{"uid-2"};
  Reviewed spoken{uid, "carol", {"pki-team"}, "sha256:aa", Word::Say::approve, "fine", {}};
  const Record word = record_of(spoken, made.after, 10, {.user = "carol"});
  const RequestStep step = request_step(past_row(word).value());
  CHECK(step.kind == RequestStep::Kind::word);
  CHECK(step.request == Position{9});
  CHECK(step.word ==
        Word{"carol", {"pki-team"}, "sha256:aa", Word::Say::approve, "fine", from_seconds(1000)});

  Approved approval;
  approval.uid = uid;
  approval.reason = "ReviewComplete";
  approval.message = "approved by policy payments";
  approval.object.conditions = std::vector{Condition{.type = "Approved", .status = "True"}};
  approval.judged.deciding = {"payments", "c0ffee", ""};
  const Record approved = record_of(approval, word.after, 11, system_actor("policy:payments"));
  const RequestStep decision = request_step(past_row(approved).value());
  CHECK(decision.kind == RequestStep::Kind::approved);
  CHECK(decision.verdict == Verdict::approve);
  CHECK(decision.sentence == "approved by policy payments");
  CHECK(decision.deciding == approval.judged.deciding);
  CHECK(decision.by_csrflow);
  CHECK_FALSE(decision.break_glass);

  CHECK_FALSE(past_row(record_of(spoken, approved.after, 12, {.user = "carol"})));
  const auto end = past_row(record_of(Deleted{uid, {}}, approved.after, 12, {.user = "carol"}));
  CHECK(kind_of(end.value()) == RequestStep::Kind::ended);
}

TEST_CASE("bytes that end too early are damage, not a request") {
  const auto before = std::make_shared<const State>(CsrState());
  PastRow row =
      row_of(record_of(everything_of_a_creation(), before, 9, {.user = "jane"}), everything_of_a_request());
  while (!row.data.empty()) {
    row.data.pop_back();
    CHECK_THROWS_AS(made_request(row), UnreadableEvent);
  }
}

TEST_CASE("requests that were forgotten are not counted any more") {
  RecentRequests recent;
  const auto trace = [](std::uint64_t position, const std::string& user, bool counts) {
    RequestTrace made;
    made.use = {{position}, from_seconds(1000), user, "r", {"uid-" + std::to_string(position)}, {"l"}};
    made.spki_sha256 = "aa";
    made.groups = {{RequestGroup::Kind::signer, "example.com/web", ""}};
    made.counted = counts;
    return made;
  };
  const RequestGroup group{RequestGroup::Kind::signer, "example.com/web", ""};
  const RequestSpan always{everything, {0}, {INT64_MAX}};
  recent.add(trace(1, "jane", true));
  recent.add(trace(2, "joe", true));
  recent.add(trace(3, "eve", false));
  CHECK(recent.count(group, always) == 2);
  CHECK(recent.count(group, always, {1}) == 1);
  std::vector<KeyUse> uses;
  recent.add_key_uses(uses, "aa", everything);
  REQUIRE(uses.size() == 2);  // a third user says nothing new
  CHECK(uses[1].user == "joe");
  CHECK(recent.lineage_of({"uid-1"}) == Uid{"l"});
  recent.forget({2});
  CHECK(recent.size() == 1);
  CHECK(recent.count(group, always) == 0);
  CHECK_FALSE(recent.lineage_of({"uid-1"}));
}

TEST_CASE("each request is read once, and the least recently asked is forgotten first") {
  const CountingReader reader;
  const CachedRequestReader cached(reader, 2);
  CHECK(cached.describe("a")->names.front().value == "a");
  CHECK(cached.describe("a")->names.front().value == "a");
  CHECK_FALSE(cached.describe(""));
  CHECK_FALSE(cached.describe(""));
  CHECK(reader.asked == 2);
  cached.describe("a");
  cached.describe("b");  // the empty one goes
  cached.describe("a");
  CHECK(reader.asked == 3);
  cached.describe("");
  CHECK(reader.asked == 4);
}
