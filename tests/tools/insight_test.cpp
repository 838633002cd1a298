// The commands that look over the whole: lineage and forecast.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/store/views_fixture.hpp"
#include "tests/tools/made_directory.hpp"

using namespace csrflow::tools::test;
using namespace csrflow::store::test;
using nlohmann::json;

namespace {

/// A PKCS#10 over a fresh key.
std::string fresh_request() {
  FILE* pipe = popen(
      "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=web "
      "2>/dev/null",
      "r");
  REQUIRE(pipe != nullptr);
  std::string pem;
  std::array<char, 4096> piece{};
  for (std::size_t n = 0; (n = fread(piece.data(), 1, piece.size(), pipe)) > 0;) pem.append(piece.data(), n);
  REQUIRE(pclose(pipe) == 0);
  return pem;
}

csrflow::engine::Created over(csrflow::engine::Created event, const std::string& pem) {
  auto spec = *event.object.spec;
  spec.request = pem;
  event.object.spec = std::make_shared<const csrflow::engine::CsrSpec>(std::move(spec));
  return event;
}
csrflow::engine::Created third(const std::string& pem) {
  auto event = over(successor("web-3", "web-2"), pem);
  event.predecessor->generation = 3;
  event.predecessor->base_name = "web";
  return event;
}
csrflow::engine::RotationDue due(const std::string& name, const std::string& to) {
  return {.uid = uid_of(name), .serial = some_serial, .cause = {4}, .successor = to};
}

/// Three generations of `web`, the second over the first's key, the third over a new one; one attempt failed.
void make_lineage(Installation& it) {
  const std::string key = fresh_request(), another = fresh_request();
  const auto sign = [&](const std::string& name) {
    it.commit({on(name, approved(name)), on(name, issuing(name)), on(name, signed_for(name))});
  };
  it.commit({on("web", over(renewing("web"), key))});
  sign("web");
  it.commit({on("web", due("web", "web-x")), on("web-x", over(successor("web-x", "web"), key))});
  csrflow::engine::ObjectChange failed;
  failed.conditions = std::vector{csrflow::engine::Condition{.type = "Failed", .status = "True"}};
  it.commit({on("web-x", csrflow::engine::Failed{uid_of("web-x"), "SignerValidationFailure", "no", failed})});
  it.commit({on("web", due("web", "web-2")), on("web-2", over(successor("web-2", "web"), key))});
  sign("web-2");
  it.commit({on("web", rotated("web", "web-2"))});
  it.commit({on("web-2", due("web-2", "web-3")), on("web-3", third(another))});
  it.commit({on("someone", created("someone"))});
}

std::vector<json> lines(const Ended& ended) {
  INFO(ended.text);
  REQUIRE(ended.code == 0);
  std::vector<json> found;
  std::istringstream text(ended.text);
  for (std::string line; std::getline(text, line);) found.push_back(json::parse(line));
  return found;
}

}  // namespace

TEST_CASE("lineage shows every generation, whichever of them is named") {
  Installation it;
  it.start();
  make_lineage(it);
  for (const std::string name : {"web", "web-2", "web-3", "web-x"}) {
    INFO(name);
    const auto found =
        lines(run("lineage " + name + " --output json --data " + it.temporary.path().string()));
    REQUIRE(found.size() == 4);
    CHECK(found[0]["name"] == "web");
    CHECK(found[0]["generation"] == 1);
    CHECK(found[0]["key"] == "new");
    CHECK(found[0]["successor"] == "web-2");
    CHECK(found[0]["decision"] == "approved by csrflow:signer: Known");
    CHECK(found[0]["serial"] == some_serial.hex());
    CHECK(found[1]["name"] == "web-x");
    CHECK(found[1]["generation"] == 2);
    CHECK(found[1]["state"] == "failed");
    CHECK_FALSE(found[1].contains("serial"));
    CHECK(found[2]["name"] == "web-2");
    CHECK(found[2]["key"] == "same");
    CHECK(found[2]["state"] == "issued");
    CHECK(found[3]["name"] == "web-3");
    CHECK(found[3]["generation"] == 3);
    CHECK(found[3]["key"] == "new");
    CHECK(found[3]["state"] == "pending");
    CHECK(found[3]["predecessor"] == "web-2");
  }
}

TEST_CASE("lineage for people") {
  Installation it;
  it.start();
  make_lineage(it);
  const Ended drawn = run("lineage web --data " + it.temporary.path().string());
  CHECK(drawn.code == 0);
  INFO(drawn.text);
  CHECK(says(drawn, "● generation 1   web   issued\n"));
  CHECK(says(drawn, "○ generation 2   web-x   "));
  CHECK(says(drawn, "same key "));
  CHECK(says(drawn, "(ECDSA P-256)"));
  CHECK(says(drawn, "rotated: successor web-2, serial 03"));
  CHECK_FALSE(says(drawn, "\x1b["));
}

TEST_CASE("a request without others is a lineage of one; a name that never was is none") {
  Installation it;
  it.start();
  make_lineage(it);
  const std::string data = " --data " + it.temporary.path().string();
  CHECK(lines(run("lineage someone --output json" + data)).size() == 1);
  CHECK(run("lineage nobody" + data).code == 3);
  CHECK(run("lineage web --data /nowhere").code == 3);
  CHECK(run("lineage --data /nowhere").code == 2);
}

TEST_CASE("forecast of a fresh directory has csrflow's own certificates") {
  const Made made;
  const std::string data = " --data " + made.data().string();
  const auto found = lines(run("forecast --output json" + data + " 2>/dev/null"));
  REQUIRE(found.size() == 1);
  // The server's and the administrator's rotate; the CA's own does not.
  CHECK(found[0]["certificates"] == 3);
  CHECK(found[0]["withoutRotation"] == 1);
  CHECK(found[0]["days"] == 365);
  CHECK(found[0]["signatures"].get<int>() >= 2);
  const Ended words = run("forecast" + data);
  CHECK(words.code == 0);
  CHECK(says(words, "3 certificates without a successor are valid, 1 of them without rotation"));
  CHECK(says(words, "█"));
  CHECK_FALSE(says(words, "\x1b["));
  CHECK(says(run("forecast --days 1" + data), "in 1 day"));
}

TEST_CASE("forecast says what it cannot do") {
  CHECK(run("forecast --data /nowhere").code == 3);
  CHECK(run("forecast --days 0 --data /nowhere").code == 2);
  CHECK(run("forecast").code == 2);
  const Made made;
  fs::remove(made.data() / "views.db");
  const Ended ended = run("forecast --data " + made.data().string());
  CHECK(ended.code == 1);
  CHECK(says(ended, "csrflow serve"));
}
