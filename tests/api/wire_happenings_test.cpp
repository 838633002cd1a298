#include <nlohmann/json.hpp>

#include "api/derived_objects.hpp"
#include "api/happenings.hpp"
#include "api/selector.hpp"
#include "engine/event.hpp"
#include "tests/catch.hpp"
#include "tests/support/memory_log.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;

const engine::Timestamp noon = engine::from_seconds(1'790'000'000);

/// A log in which csrflow's signer refused jane, a person failed bob, and jane's successor was signed.
struct History {
  History() {
    add("jane", engine::Failed{{"u1"}, "SignerValidationFailure", "usages did not match", {}},
        "csrflow:signer", noon);
    add("bob", engine::Failed{{"u2"}, "Mine", "I say so", {}}, "", noon + engine::seconds(10));
    add("jane", engine::Rotated{{"u1"}, {"\x01"}, "jane-2", {"u3"}, {"\x02"}, {}}, "csrflow:rotation",
        noon + engine::seconds(7200));
  }
  void add(const std::string& name, engine::CsrEvent event, const std::string& system, engine::Timestamp at) {
    engine::Context context;
    context.actor.user = "carol";
    context.actor.by = engine::Authentication::token;
    if (!system.empty()) context.actor = engine::system_actor(system.substr(system.find(':') + 1));
    context.command.hex = std::string(32, '0');
    engine::NewEvent row;
    row.stream = engine::csr_stream(name);
    row.version = {++versions[name]};
    row.type = std::string(engine::type_of(engine::Event(event)));
    row.recorded_at = at;
    row.context = engine::encode_context(context);
    row.data = engine::encode(engine::Event(event));
    REQUIRE(log.append({head++}, std::span(&row, 1)));
  }
  csrflow::test::MemoryLog log;
  std::uint64_t head = 0;
  std::map<std::string, std::uint64_t> versions;
};

TEST_CASE("what hosts report and what csrflow warns of are events about the request, too") {
  History history;
  engine::RotationDue due{.uid = {"u4"}, .serial = {"\x03"}, .mode = "rekey"};
  history.add("web-1", due, "csrflow:rotation", noon);
  history.add("web-1",
              engine::Alerted{{"u4"}, {"\x03"}, engine::Notable::agent_silent, {5}, "no word of web-1", {}},
              "csrflow:scheduler", noon);
  history.add("web-1",
              engine::InstallFailed{
                  {"u4"}, {"\x03"}, "jane", "web-1", "/etc/web", "hook", "exit code 1", true, {}, {}},
              "", noon);
  history.add("web-1", engine::Installed{{"u4"}, {"\x03"}, "jane", "web-1", "/etc/web", {}, {}}, "", noon);
  history.add("web-1",
              engine::Alerted{{"u4"}, {"\x03"}, engine::Notable::agent_back, {5}, "web-1 is back", {}}, "",
              noon);
  std::vector<std::string> told;
  for (const auto& row : happenings_of(core_events(), *history.log.reader(), "web-1")) {
    const json event = json::parse("{" + row.tail);
    told.push_back(event["type"].get<std::string>() + ' ' + event["reason"].get<std::string>() + ' ' +
                   event["message"].get<std::string>());
  }
  CHECK(told == std::vector<std::string>{
                    "Normal RotationDue The certificate is due for rotation: its host makes a new key and a "
                    "request that names this one as its predecessor.",
                    "Warning AgentSilent no word of web-1",
                    "Warning RolledBack On web-1 at /etc/web: hook: exit code 1",
                    "Normal Installed On web-1 at /etc/web.", "Normal AgentBack web-1 is back"});
}

TEST_CASE("what csrflow did about a request are Kubernetes events about it") {
  const History history;
  const auto reader = history.log.reader();
  const auto rows = happenings_of(core_events(), *reader, "jane");
  REQUIRE(rows.size() == 2);
  const json event = json::parse("{" + rows[0].tail);
  CHECK(event["metadata"]["name"] == "jane.1");
  CHECK(event["metadata"]["namespace"] == "default");
  CHECK(event["type"] == "Warning");
  CHECK(event["reason"] == "SignerValidationFailure");
  CHECK(event["message"] == "usages did not match");
  CHECK(event["source"]["component"] == "csrflow");
  CHECK(event["firstTimestamp"] == engine::rfc3339_seconds(noon));
  CHECK(event["involvedObject"] == json{{"kind", "CertificateSigningRequest"},
                                        {"name", "jane"},
                                        {"uid", "u1"},
                                        {"apiVersion", "certificates.k8s.io/v1"}});
  CHECK(json::parse("{" + rows[1].tail)["message"] == "jane-2 has a new certificate.");

  const json grouped = json::parse("{" + happenings_of(grouped_events(), *reader, "jane")[0].tail);
  CHECK(grouped["regarding"]["name"] == "jane");
  CHECK(grouped["note"] == "usages did not match");
  CHECK(grouped["eventTime"].get<std::string>().ends_with(".000000Z"));
}

TEST_CASE("of a review it is told for whom it waits, then who has spoken") {
  History history;
  engine::Evaluated waits{.uid = {"u4"},
                          .verdict = engine::Verdict::waits,
                          .sentence = "waits for 2 of group pki-team",
                          .deciding = {"payments", "c0ffee", ""},
                          .places = {0, 3},
                          .next = {},
                          .notify = {},
                          .facts = {},
                          .object = {}};
  history.add("pay", waits, "csrflow:policy:payments", noon);
  waits.places.filled = 2;
  waits.facts.text = R"({"explanation":{"policies":[{"name":"other","demands":[{"has":["mallory"]}]},)"
                     R"({"name":"payments","demands":[{"has":["carol"]},{"has":["erin"]}]}]}})";
  history.add("pay", waits, "csrflow:policy:payments", noon);
  const auto rows = happenings_of(core_events(), *history.log.reader(), "pay");
  REQUIRE(rows.size() == 2);
  CHECK(json::parse("{" + rows[0].tail)["reason"] == "ReviewPending");
  CHECK(json::parse("{" + rows[0].tail)["message"] == "waits for 2 of group pki-team");
  CHECK(json::parse("{" + rows[1].tail)["reason"] == "Reviewed");
  CHECK(json::parse("{" + rows[1].tail)["message"] == "2 of 3: carol, erin");
}

TEST_CASE("what came through the API is no happening") {
  const History history;
  CHECK(happenings_of(core_events(), *history.log.reader(), "bob").empty());
}

TEST_CASE("without a name only the last hour is told") {
  const History history;
  const auto reader = history.log.reader();
  const auto told = [&](engine::Timestamp now, std::optional<engine::Position> at = {}) {
    std::vector<std::string> names;
    for (const auto& row : derived_list(core_events(), *reader, {}, {.at = at}, now).rows)
      names.push_back(row.name);
    return names;
  };
  const std::vector<std::string> both{"jane.1", "jane.3"}, later{"jane.3"}, earlier{"jane.1"};
  CHECK(told(noon + engine::seconds(3600)) == both);
  CHECK(told(noon + engine::seconds(7200)) == later);
  CHECK(told(noon + engine::seconds(3 * 3600 + 1)).empty());
  // As it was there: an hour before what was recorded there.
  CHECK(told(noon + engine::seconds(9'000'000), engine::Position{2}) == earlier);
}

TEST_CASE("a list of events goes on after the last one, whatever the time is then") {
  const History history;
  const auto reader = history.log.reader();
  const auto first = derived_list(core_events(), *reader, {}, {.limit = 1}, noon + engine::seconds(60));
  REQUIRE(first.rows.size() == 1);
  CHECK(first.more);
  CHECK(first.remaining == 1);
  const auto rest = derived_list(core_events(), *reader, {},
                                 {.at = first.position, .name_after = first.rows[0].name, .limit = 1},
                                 noon + engine::seconds(9'000'000));
  REQUIRE(rest.rows.size() == 1);
  CHECK(rest.rows[0].name == "jane.3");
  CHECK_FALSE(rest.more);
}

TEST_CASE("a happening is found by its own name only") {
  const History history;
  const auto reader = history.log.reader();
  CHECK(happening_named(core_events(), *reader, "jane.3"));
  for (const auto* name : {"jane.2", "bob.2", "bob.1", "jane.9", "jane", "jane.", "jane.0", "jane.xyz"})
    CHECK_FALSE(happening_named(core_events(), *reader, name));
}

TEST_CASE("kubectl describe selects by the object") {
  const History history;
  const auto row = happenings_of(core_events(), *history.log.reader(), "jane").front();
  const auto selects = [&](const std::string& text) {
    return FieldSelector::parse(text, core_events().selectable_fields)->matches(row.name, row.fields);
  };
  CHECK(
      selects("involvedObject.name=jane,involvedObject.namespace=,"
              "involvedObject.kind=CertificateSigningRequest,involvedObject.uid=u1"));
  CHECK_FALSE(selects("involvedObject.name=jane,involvedObject.uid=u9"));
  CHECK_FALSE(selects("type!=Warning"));
}

}  // namespace
}  // namespace csrflow::api
