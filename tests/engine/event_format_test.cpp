#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "engine/catalogue.hpp"
#include "tests/catch.hpp"
#include "tests/engine/random_values.hpp"

using namespace csrflow::engine;
using csrflow::test::RandomValues;

namespace {

StoredEvent stored(std::string stream, std::string type, Bytes data) {
  return {.position = {42},
          .stream = {std::move(stream)},
          .version = {3},
          .type = std::move(type),
          .data = std::move(data)};
}

template <class E>
constexpr std::string_view stream_name = "csr/jane";
template <>
constexpr std::string_view stream_name<OwnEvent> = "own/server";
template <>
constexpr std::string_view stream_name<AuthorityEvent> = "ca/9c56cc51";
template <>
constexpr std::string_view stream_name<LogEvent> = "log/events";
template <>
constexpr std::string_view stream_name<TokenEvent> = "token/k3x9q2";
template <>
constexpr std::string_view stream_name<DeliveryEvent> = "delivery/ops/42";
template <>
constexpr std::string_view stream_name<JobEvent> = "job/incident-7";
template <>
constexpr std::string_view stream_name<ConfigEvent> = "rbac/clusterroles/view";

std::string stream_for(const Event& event) {
  return std::visit([]<class Family>(const Family&) { return std::string(stream_name<Family>); }, event);
}

/// One of each category in which such an event can be.
std::vector<std::string> streams_for(const Event& event) {
  if (!std::holds_alternative<ConfigEvent>(event)) return {stream_for(event)};
  std::vector<std::string> streams;
  for (const std::string_view category : config_categories)
    streams.push_back(std::string(category) + "/things/view");
  return streams;
}

Event decoded(const Event& event) {
  return decode(stored(stream_for(event), std::string(type_of(event)), encode(event)));
}

std::string unreadable(const StoredEvent& event) {
  try {
    decode(event);
  } catch (const UnreadableEvent& error) {
    return error.what();
  }
  return {};
}

/// Random events, each type in turn.
struct RandomEvents {
  RandomValues random;

  Draft draft() {
    return {random.serial(), random.instant(), random.seconds(), random.seconds(),
            random.text(),   random.text(),    random.text(),    random.bytes()};
  }
  Predecessor predecessor() {
    return {random.text(), random.uid(),      random.serial(), random.number(),
            random.text(), random.position(), random.number(), random.maybe([&] { return random.instant(); }),
            random.coin(), random.coin()};
  }
  StringLists people() {
    StringLists all;
    if (random.coin()) all[random.text()] = random.list_of([&] { return random.text(); });
    return all;
  }
  std::string maybe_text() { return random.coin() ? "" : random.text(); }

  Deciding deciding() { return {maybe_text(), maybe_text(), maybe_text()}; }
  JsonText facts() { return {random.coin() ? "" : R"({"requester":{"user":"jane"},"counts":[1,2]})"}; }
  Judged judged() {
    Obligations o;
    o.shorten_lifetime_to =
        random.maybe([&] { return seconds(static_cast<std::int64_t>(random.below(1000))); });
    if (random.coin()) o.labels[random.text()] = random.text();
    o.rotation_policy = maybe_text();
    o.notify = random.list_of([&] { return random.text(); });
    o.require_rekey = random.coin();
    return {deciding(), facts(), std::move(o)};
  }

  Signed signed_event() {
    Signed e{.uid = random.uid(),
             .serial = random.serial(),
             .not_before = random.seconds(),
             .not_after = random.seconds(),
             .issued_at = random.instant(),
             .fingerprint = random.text(),
             .foreign = random.coin(),
             .certificate = random.bytes()};
    e.object = random.maybe([&] { return random.change(); });
    if (e.object && random.coin()) e.object->certificate = e.certificate;
    return e;
  }

  std::vector<Event> one_of_each() {
    RandomValues& r = random;
    const Draft d = draft();
    return {
        CsrEvent(Created{r.object(),
                         r.maybe([&] { return Duration{static_cast<std::int64_t>(r.below(1 << 30))}; }),
                         r.maybe([&] { return predecessor(); }), maybe_text(),
                         r.maybe([&] { return Authentication::oidc; }), maybe_text(),
                         r.maybe([&] { return seconds(static_cast<std::int64_t>(r.below(1000))); })}),
        CsrEvent(Reviewed{r.uid(), r.text(), r.list_of([&] { return r.text(); }), maybe_text(),
                          r.coin() ? Word::Say::approve : Word::Say::withdrawn, maybe_text(), r.change()}),
        CsrEvent(Evaluated{r.uid(),
                           r.coin() ? Verdict::waits : Verdict::person,
                           r.text(),
                           deciding(),
                           {r.number(), r.number()},
                           r.maybe([&] { return r.instant(); }),
                           r.list_of([&] { return r.text(); }),
                           facts(),
                           r.change()}),
        CsrEvent(Approved{r.uid(), maybe_text(), maybe_text(), r.change(), judged(),
                          r.maybe([&] { return seconds(static_cast<std::int64_t>(r.below(1 << 30))); }),
                          r.maybe([&] {
                            return BreakGlass{r.text(), r.text(), r.text()};
                          }),
                          maybe_text(), people(), maybe_text()}),
        CsrEvent(Denied{r.uid(), maybe_text(), maybe_text(), r.change(), judged()}),
        CsrEvent(ReviewedAfterwards{r.uid(), r.text(), r.list_of([&] { return r.text(); }), maybe_text()}),
        CsrEvent(Issuing{r.uid(), d.serial, d.clock, d.not_before, d.not_after, d.issuer, d.profile,
                         d.profile_hash, d.tbs, r.coin()}),
        CsrEvent(signed_event()),
        CsrEvent(Failed{r.uid(), maybe_text(), maybe_text(), r.change()}),
        CsrEvent(Expired{r.uid(), r.serial()}),
        CsrEvent(RotationDue{r.uid(), r.serial(), r.position(), r.number(), r.instant(), r.instant(),
                             r.text(), maybe_text(), r.text(), maybe_text(), r.text(), maybe_text(),
                             maybe_text(), r.coin() ? ObjectChange{} : r.change()}),
        CsrEvent(SuccessorCreated{r.uid(), r.serial(), r.text(), r.uid(), r.position(), r.number()}),
        CsrEvent(RotationFailed{r.uid(), r.serial(), r.position(), r.number(), maybe_text(), maybe_text(),
                                maybe_text(), r.coin()}),
        CsrEvent(Installed{r.uid(), r.serial(), r.text(), r.text(), r.text(),
                           r.maybe([&] { return r.instant(); }), r.change()}),
        CsrEvent(InstallFailed{r.uid(), r.serial(), r.text(), r.text(), r.text(), r.text(), r.text(),
                               r.coin(), r.maybe([&] { return r.instant(); }), r.change()}),
        CsrEvent(Alerted{r.uid(), r.serial(), Notable::agent_silent, r.position(), r.text(),
                         r.list_of([&] { return r.text(); }), r.coin()}),
        CsrEvent(
            Rotated{r.uid(), r.serial(), r.text(), r.uid(), r.serial(), r.maybe([&] { return r.change(); })}),
        CsrEvent(Updated{r.uid(), r.change()}),
        CsrEvent(Deleted{r.uid(), r.coin() ? ObjectChange{} : r.change()}),
        OwnEvent(OwnIssuing{draft()}),
        OwnEvent(OwnSigned{r.serial(), r.instant(), r.seconds(), r.seconds(), r.text(), r.bytes()}),
        OwnEvent(OwnExpired{r.serial()}),
        OwnEvent(OwnRotated{r.serial(), r.serial()}),
        AuthorityEvent(KeyCreated{r.text(), r.bytes(), r.bytes()}),
        AuthorityEvent(CaIssued{r.serial(), r.seconds(), r.seconds(), r.text(), r.bytes()}),
        AuthorityEvent(RolloverDue{RolloverStep::activate, r.instant(), r.text()}),
        LogEvent(LogCreated{r.number(), r.text(), r.text(), r.text(), r.instant()}),
        LogEvent(LogOpened{r.text(), r.text()}),
        LogEvent(Resumed{r.instant(), r.instant(), r.text(), {{r.text(), r.text()}}}),
        LogEvent(AlertsSummarised{Notable::expiring, r.number(), r.instant(),
                                  r.list_of([&] { return r.text(); }), r.text()}),
        DeliveryEvent(
            Queued{r.text(),
                   {r.text(), Notable::denied, r.instant(), r.position(), r.text(), r.text(), r.text()},
                   seconds(static_cast<std::int64_t>(r.below(100))),
                   seconds(static_cast<std::int64_t>(r.below(100))),
                   r.number()}),
        DeliveryEvent(Delivered{r.number()}),
        DeliveryEvent(DeliveryFailed{r.number(), r.text(), r.coin()}),
        DeliveryEvent(Requeued{r.text()}),
        JobEvent(JobPlanned{JobKind::rotate,
                            {R"({"signerName":"example.com/web"})"},
                            r.text(),
                            maybe_text(),
                            r.instant(),
                            r.number(),
                            r.text(),
                            r.list_of([&] {
                              return JobStage{r.number(), seconds(static_cast<std::int64_t>(r.below(100)))};
                            }),
                            seconds(static_cast<std::int64_t>(r.below(1000))),
                            r.text()}),
        JobEvent(JobTargets{r.number(), r.list_of([&] {
                              return JobTarget{r.text(), r.uid(), r.serial(),
                                               seconds(static_cast<std::int64_t>(r.below(100)))};
                            })}),
        JobEvent(JobStarted{}),
        JobEvent(JobStageStarted{r.number()}),
        JobEvent(JobStageDone{r.number(), r.number(), r.number()}),
        JobEvent(JobPaused{maybe_text(), r.text(), r.number()}),
        JobEvent(JobResumed{r.text()}),
        JobEvent(JobFinished{r.number(), r.number(), r.list_of([&] { return r.text(); })}),
        JobEvent(JobCancelled{r.text(), maybe_text()}),
        TokenEvent(TokenCreated{r.text(), r.text(), r.text(), maybe_text(),
                                r.list_of([&] { return r.text(); }), r.maybe([&] { return r.instant(); }),
                                r.coin(), maybe_text(), r.coin(), r.list_of([&] { return r.text(); }),
                                r.list_of([&] { return r.text(); })}),
        TokenEvent(TokenRevoked{r.text()}),
        TokenEvent(TokenUsed{r.text(), r.text(), r.uid()}),
        ConfigEvent(Applied{r.text(), r.text(), r.config()}),
        ConfigEvent(ConfigDeleted{r.text(), r.uid()}),
    };
  }
};

/// The text of docs/events.md from its heading `### <category> <type>` to the next heading.
std::string section_of(const std::string& page, const std::string& title) {
  const std::size_t begin = page.find("### " + title + '\n');
  if (begin == std::string::npos) return {};
  return page.substr(begin, page.find("\n##", begin) - begin);
}

std::string example_of(const std::string& page, const std::string& title) {
  const std::string fence = "```json " + title + '\n';
  const std::size_t begin = page.find(fence);
  if (begin == std::string::npos) return {};
  const std::size_t from = begin + fence.size();
  return nlohmann::ordered_json::parse(page.substr(from, page.find("\n```", from) - from)).dump();
}

std::string events_page() {
  std::ifstream file(SOURCE_ROOT "/docs/events.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("every event is read back as it was written") {
  RandomEvents events{RandomValues(1)};
  std::set<std::string> types;
  for (int round = 0; round < 300; ++round) {
    for (const Event& event : events.one_of_each()) {
      const Bytes data = encode(event);
      INFO(type_of(event) << ' ' << data);
      REQUIRE(nlohmann::json::accept(data));
      const Event back = decoded(event);
      REQUIRE(type_of(back) == type_of(event));
      REQUIRE(back.index() == event.index());
      REQUIRE(encode(back) == data);
      for (const std::string& stream : streams_for(event)) {
        REQUIRE(encode(decode(stored(stream, std::string(type_of(event)), data))) == data);
        types.insert(stream + ' ' + std::string(type_of(event)));
      }
    }
  }
  CHECK(types.size() == catalogue().size());
}

TEST_CASE("an approval, to the byte") {
  ObjectChange change;
  change.conditions = {{{"Approved", "True", "ok", "", from_seconds(1), from_seconds(1)}}};
  const Event event = CsrEvent(Approved{{"u-1"}, "ok", "", change});
  CHECK(type_of(event) == "approved");
  CHECK(
      encode(event) ==
      R"({"uid":"u-1","reason":"ok","object":{"status":{"conditions":[{"type":"Approved","status":"True",)"
      R"("reason":"ok","lastUpdateTime":"1970-01-01T00:00:01Z","lastTransitionTime":"1970-01-01T00:00:01Z"}]}}})");
}

TEST_CASE("the members mean what they say") {
  const Event event = decode(stored("csr/jane", "issuing",
                                    R"({"uid":"u-1","serial":"00ff","clock":"1970-01-01T00:00:01.000002Z",)"
                                    R"("notBefore":"1970-01-01T00:00:03Z","notAfter":"1970-01-01T00:00:04Z",)"
                                    R"("issuer":"i","profile":"p","profileHash":"h","tbs":"MAA="})"));
  const auto& issuing = std::get<Issuing>(std::get<CsrEvent>(event));
  CHECK(issuing.uid.text == "u-1");
  CHECK(issuing.serial.content == std::string("\0\xff", 2));
  CHECK(issuing.clock == Timestamp{1'000'002});
  CHECK(issuing.not_before == from_seconds(3));
  CHECK(issuing.not_after == from_seconds(4));
  CHECK(issuing.issuer == "i");
  CHECK(issuing.profile == "p");
  CHECK(issuing.profile_hash == "h");
  CHECK(issuing.tbs == std::string("0\0", 2));
}

TEST_CASE("a certificate is stored once") {
  Signed e{.uid = {"u"}, .serial = {"\x01"}, .fingerprint = "f", .certificate = "CERT"};
  CHECK(encode(CsrEvent(e)).find(R"("certificate":"Q0VSVA==")") != std::string::npos);
  e.object = ObjectChange{.certificate = "CERT"};
  const Bytes data = encode(CsrEvent(e));
  CHECK(data.find("Q0VSVA==") == data.rfind("Q0VSVA=="));
  CHECK(data.ends_with(R"("object":{"status":{"certificate":"Q0VSVA=="}}})"));
  CHECK(std::get<Signed>(std::get<CsrEvent>(decoded(CsrEvent(e)))).certificate == "CERT");
}

TEST_CASE("members that a later version adds are passed over, in any order") {
  const Event event = decode(
      stored("csr/jane", "expired", R"({"added":{"x":[1,{"serial":"ff"}]},"serial":"01","uid":"u-1"})"));
  CHECK(std::get<Expired>(std::get<CsrEvent>(event)).serial.content == "\x01");
}

TEST_CASE("an unknown event says what it is and what to do") {
  CHECK(unreadable(stored("csr/jane", "shredded", "{}")) ==
        "event 42 (csr/jane, type shredded, schema 1) is not known to this program: use a newer csrflow");
  StoredEvent newer = stored("csr/jane", "expired", R"({"uid":"u","serial":"01"})");
  newer.schema = 2;
  CHECK(unreadable(newer) ==
        "event 42 (csr/jane, type expired, schema 2) is not known to this program: use a newer csrflow");
  // Known types of other streams are unknown here.
  CHECK(unreadable(stored("own/server", "denied", "{}")).find("is not known") != std::string::npos);
  CHECK(unreadable(stored("csrs/jane", "expired", "{}")).find("is not known") != std::string::npos);
}

TEST_CASE("a damaged event says where it is and what is wrong") {
  const auto damage = [](Bytes data) { return unreadable(stored("csr/jane", "expired", std::move(data))); };
  const std::string prefix = "event 42 (csr/jane, type expired, schema 1) cannot be read: ";
  CHECK(damage(R"({"uid":"u"})") == prefix + "`serial` is missing at /");
  CHECK(damage(R"({"uid":7,"serial":"01"})") == prefix + "expected a string at /uid");
  CHECK(damage(R"({"uid":"u","serial":"0"})") ==
        prefix + "has an odd number of hexadecimal digits at /serial");
  CHECK(damage(R"({"uid":"u","serial":"01"}{)").starts_with(prefix));
  CHECK(damage("") == prefix + "its payload was erased");
}

TEST_CASE("an event cut short anywhere is never read") {
  RandomEvents events{RandomValues(5)};
  for (const Event& event : events.one_of_each()) {
    const Bytes data = encode(event);
    for (std::size_t length = 0; length < data.size(); ++length) {
      INFO(data.substr(0, length));
      REQUIRE_FALSE(
          unreadable(stored(stream_for(event), std::string(type_of(event)), data.substr(0, length))).empty());
    }
  }
}

TEST_CASE("the catalogue lists each event once, with its members") {
  const std::string text = catalogue_text();
  CHECK(
      text.starts_with("csr created 1: object lifetimeMicros predecessor onBehalfOf authenticatedBy "
                       "credential lapsesAfterMicros\n"));
  CHECK(text.find("\nlog opened 1: program catalogueHash\n") != std::string::npos);
  std::set<std::string> places;
  for (const CataloguedEvent& event : catalogue())
    places.insert(std::string(event.category) + ' ' + std::string(event.type));
  CHECK(places.size() == catalogue().size());
}

TEST_CASE("docs/events.md explains every event, and its examples are true") {
  const std::string page = events_page();
  for (const CataloguedEvent& event : catalogue()) {
    const std::string title = std::string(event.category) + ' ' + std::string(event.type);
    INFO(title);
    const std::string section = section_of(page, title);
    REQUIRE_FALSE(section.empty());
    for (const std::string& member : event.members) {
      INFO(member);
      CHECK(section.find("| `" + member + "` |") != std::string::npos);
    }
    const std::string example = example_of(page, title);
    const std::string stream = std::string(event.category) + "/x";
    CHECK(encode(decode(stored(stream, std::string(event.type), example))) == example);
  }
  CHECK(encode_context(decode_context(example_of(page, "context"))) == example_of(page, "context"));
}

TEST_CASE("the envelope, to the byte") {
  Context context;
  context.actor = system_actor("rotation");
  CHECK(encode_context(context) == R"({"actor":{"user":"csrflow:rotation","auth":"system"}})");
  context.actor = {.user = "jane",
                   .uid = "7",
                   .groups = {"a", "b"},
                   .extra = {{"k", {"v"}}},
                   .by = Authentication::x509,
                   .credential = "sha256:00"};
  context.source = {"192.0.2.7", "kubectl"};
  context.command.hex = "0123";
  context.cause = event_reference({"csr/jane"}, {2});
  context.correlation = event_reference({"csr/jane"}, {1});
  context.program = "csrflow 0.1.0";
  CHECK(encode_context(context) ==
        R"({"actor":{"user":"jane","uid":"7","groups":["a","b"],"extra":{"k":["v"]},"auth":"x509",)"
        R"("credential":"sha256:00"},"source":{"ip":"192.0.2.7","agent":"kubectl"},"command":"0123",)"
        R"("cause":"csr/jane@2","correlation":"csr/jane@1","program":"csrflow 0.1.0"})");
}

TEST_CASE("an envelope says who acted as whom") {
  Context context;
  context.actor = {.user = "bob",
                   .groups = {"system:authenticated"},
                   .by = Authentication::oidc,
                   .credential = "token:abcdef",
                   .impersonator = std::make_shared<const Identity>(Identity{
                       .user = "admin", .uid = "1", .groups = {"system:masters"}, .credential = "unseen"})};
  const Bytes text = encode_context(context);
  CHECK(
      text ==
      R"({"actor":{"user":"bob","groups":["system:authenticated"],"auth":"oidc","credential":"token:abcdef",)"
      R"("impersonator":{"user":"admin","uid":"1","groups":["system:masters"]}}})");
  const Context back = decode_context(text);
  REQUIRE(back.actor.impersonator);
  CHECK(back.actor.impersonator->user == "admin");
  CHECK(encode_context(back) == text);
}

TEST_CASE("every envelope is read back as it was written") {
  RandomValues random(6);
  for (int i = 0; i < 500; ++i) {
    Context context{.actor = random.identity()};
    if (random.coin()) context.source = {random.text(), random.coin() ? "" : random.text()};
    if (random.coin()) context.cause = random.text();
    if (random.coin()) context.correlation = random.text();
    context.command.hex = random.serial().hex();
    context.program = random.text();
    const Bytes text = encode_context(context);
    const Context back = decode_context(text);
    REQUIRE(encode_context(back) == text);
    REQUIRE(back.actor.by == context.actor.by);
    REQUIRE(back.actor.groups == context.actor.groups);
    REQUIRE(back.source.agent == context.source.agent);
  }
}

TEST_CASE("a damaged envelope is not read") {
  CHECK_THROWS_AS(decode_context(""), UnreadableEvent);
  CHECK_THROWS_AS(decode_context("{}"), UnreadableEvent);
  CHECK_THROWS_AS(decode_context(R"({"actor":{"user":"jane","auth":"magic"}})"), UnreadableEvent);
}

TEST_CASE("groups are compared whole") {
  const Identity actor{.user = "jane", .groups = {"system:masters"}};
  CHECK(actor.in_group("system:masters"));
  CHECK_FALSE(actor.in_group("system:master"));
}
