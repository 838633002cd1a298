// What hosts report of their certificates.
#include "tests/api/edge_hosts.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace test;

std::string serial_of(const Credential& credential, const signer::OpenSslInspector& inspector) {
  return inspector.check_certificate(credential.certificate).value().serial.hex();
}

Json report(const std::string& serial, const Json& more = {}) {
  Json spec{{"serial", serial},
            {"host", "web-1.example.com"},
            {"place", "/etc/web"},
            {"outcome", "installed"},
            {"at", "2026-03-01T12:00:00Z"}};
  if (!more.is_null()) spec.merge_patch(more);
  return {{"apiVersion", "csrflow.io/v1"}, {"kind", "InstallationReport"}, {"spec", spec}};
}

const std::string path = collection + "/web-1/installed";

Json condition(const Json& object, const std::string& type) {
  for (const auto& one : object["status"]["conditions"])
    if (one["type"] == type) return one;
  return nullptr;
}

TEST_CASE("a host says that it uses its certificate, once") {
  Estate estate;
  const auto held = estate.enrol("web-1", "web-1", valid_life);
  const auto serial = serial_of(held, estate.inspector);
  const auto said = estate.ask("POST", path, held, report(serial));
  INFO(said.body);
  REQUIRE(said.status == 201);
  CHECK(said.json()["kind"] == "CertificateSigningRequest");
  const auto installed = condition(said.json(), "Installed");
  CHECK(installed["status"] == "True");
  CHECK(installed["message"] == "on web-1.example.com at /etc/web");
  CHECK(estate.events("csr/web-1").back() == "installed");

  const auto before = estate.events("csr/web-1");
  const auto again = estate.ask("POST", path, held, report(serial));
  CHECK(again.status == 201);
  CHECK(again.json() == said.json());
  CHECK(estate.events("csr/web-1") == before);
}

TEST_CASE("a failure says where, and success after it is news") {
  Estate estate;
  const auto held = estate.enrol("web-1", "web-1", valid_life);
  const auto serial = serial_of(held, estate.inspector);
  const auto failed = estate.ask(
      "POST", path, held,
      report(serial, {{"outcome", "rolled-back"}, {"step", "probe"}, {"message", "no handshake"}}));
  REQUIRE(failed.status == 201);
  CHECK(condition(failed.json(), "Installed")["status"] == "False");
  CHECK(condition(failed.json(), "Installed")["reason"] == "RolledBack");
  CHECK(estate.events("csr/web-1").back() == "install_failed");
  CHECK(condition(estate.ask("POST", path, held, report(serial)).json(), "Installed")["status"] == "True");
}

TEST_CASE("a leading zero byte of the serial number may be missing") {
  Estate estate;
  const auto held = estate.enrol("web-1", "web-1", valid_life, {}, 0x80);
  REQUIRE(serial_of(held, estate.inspector) == "0080");
  CHECK(estate.ask("POST", path, held, report("80")).status == 201);
  CHECK(estate.ask("POST", path, held, report("0080")).status == 201);
  CHECK(estate.ask("POST", path, held, report("000080")).status == 404);
}

TEST_CASE("everything that is wrong with a report is said at once") {
  Estate estate;
  const auto held = estate.enrol("web-1", "web-1", valid_life);
  const auto refused = estate.ask("POST", path, held,
                                  {{"spec",
                                    {{"serial", "xyz"},
                                     {"host", std::string(254, 'a')},
                                     {"place", std::string(1025, 'a')},
                                     {"outcome", "failed"},
                                     {"step", "reload"},
                                     {"message", std::string(4097, 'a')},
                                     {"at", "yesterday"}}}});
  CHECK(refused.status == 422);
  for (const auto* words :
       {"spec.serial: Invalid value", "spec.host: Too long", "spec.place: Too long", "spec.message: Too long",
        "spec.step: Unsupported value", "spec.at: Invalid value"})
    CHECK_THAT(refused.message(), Catch::Contains(words));
  const auto empty = estate.ask("POST", path, held, {{"spec", Json::object()}});
  for (const auto* words :
       {"spec.serial: Required", "spec.host: Required", "spec.place: Required", "spec.outcome: Required"})
    CHECK_THAT(empty.message(), Catch::Contains(words));
  CHECK(estate.ask("POST", path, held, report("01", {{"outcome", "failed"}})).status == 422);
  CHECK(estate.ask("POST", path, held, report("01", {{"step", "hook"}})).status == 422);
  CHECK(estate.ask("POST", path, held, report("01", {{"host", "web 1"}})).status == 422);
  CHECK(estate.ask("POST", path, held, {{"kind", "Review"}}).status == 400);
  CHECK(estate.ask("POST", path, held, {{"spec", {{"host", 7}}}}).status == 400);
  CHECK(estate.ask("GET", path, held).status == 405);
}

TEST_CASE("what is not there cannot be reported") {
  Estate estate;
  estate.enrol("web-1", "web-1", valid_life);
  const auto as_admin = [&](const std::string& name, const Json& body) {
    return estate.world.ask(
        {.method = "POST", .target = collection + '/' + name + "/installed", .body = body.dump()});
  };
  CHECK(as_admin("nothing", report("01")).status == 404);
  const auto unknown = as_admin("web-1", report("7f01"));
  CHECK(unknown.status == 404);
  CHECK_THAT(unknown.message(), Catch::Contains("web-1 has no certificate with serial number 7f01"));
  REQUIRE(estate.world
              .ask({.method = "POST",
                    .target = collection,
                    .body =
                        [] {
                          auto body = request_body("fresh");
                          body["spec"]["request"] = base64(new_request("fresh"));
                          return body.dump();
                        }()})
              .status == 201);
  CHECK(as_admin("fresh", report("01")).status == 409);
}

TEST_CASE("the requester, the certificate's holder and its predecessor's report; others need the role") {
  Estate estate;
  const auto held = estate.enrol("web-1", "web-1", valid_life);
  const auto neighbour = estate.enrol("web-2", "web-2", valid_life);
  const auto serial = serial_of(held, estate.inspector);
  const auto refused = estate.ask("POST", path, neighbour, report(serial));
  CHECK(refused.status == 403);
  CHECK_THAT(refused.message(),
             Catch::Contains("cannot create resource \"certificatesigningrequests/installed\""));
  // Of what is not there they learn nothing.
  CHECK(estate.ask("POST", collection + "/nothing/installed", neighbour, report(serial)).status == 403);
  const auto anonymous = estate.world.ask(
      {.method = "POST", .target = path, .body = report(serial).dump(), .headers = {}, .as = ""});
  CHECK(anonymous.status == 403);
  CHECK(estate.ask("POST", path, held, report(serial)).status == 201);
  CHECK(estate.world.ask({.method = "POST", .target = path, .body = report(serial).dump()}).status == 201);

  // A successor that another user asked for, with the predecessor's certificate in the handshake.
  const auto next = estate.rekey("web-1", held, estate.rekey_body("web-1.2", held));
  REQUIRE(next.status == 201);
  REQUIRE(estate.world.approve("web-1.2").status == 200);
  const auto fresh = estate.authority.issue({.subject = {.common_name = "other"}, .not_after = 7'200});
  REQUIRE(estate.world
              .ask({.method = "PATCH",
                    .target = collection + "/web-1.2/status",
                    .body = Json{{"status", {{"certificate", base64(fresh.certificate)}}}}.dump(),
                    .headers = {{"Content-Type", "application/merge-patch+json"}}})
              .status == 200);
  CHECK(
      estate.ask("POST", collection + "/web-1.2/installed", fresh, report(serial_of(fresh, estate.inspector)))
          .status == 201);
  CHECK(estate
            .ask("POST", collection + "/web-1.2/installed", neighbour,
                 report(serial_of(fresh, estate.inspector)))
            .status == 403);
  CHECK(estate.object("web-1")["metadata"]["annotations"]["csrflow.io/successor"] == "web-1.2");
}

}  // namespace
}  // namespace csrflow::api
