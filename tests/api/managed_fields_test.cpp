// Who manages which fields: sets of fields, updates, and server-side apply.
#include <nlohmann/json.hpp>

#include "api/csr_managed.hpp"
#include "api/field_set.hpp"
#include "api/typed_value.hpp"
#include "tests/catch.hpp"

using namespace csrflow::api;
namespace engine = csrflow::engine;
using nlohmann::json;

namespace {

const engine::Timestamp noon = *engine::parse_rfc3339("2026-01-02T12:00:00Z");

FieldWrite by(std::string manager, std::string subresource = {}, engine::Timestamp now = noon) {
  return {.resource = certificate_signing_requests(),
          .subresource = std::move(subresource),
          .manager = std::move(manager),
          .now = now};
}

FieldSet fields(const char* text) {
  return *field_set_from_json(json::parse(text));
}

json labelled(json labels) {
  return {{"apiVersion", "certificates.k8s.io/v1"},
          {"kind", "CertificateSigningRequest"},
          {"metadata", {{"name", "n"}, {"labels", std::move(labels)}}},
          {"status", json::object()}};
}

std::string fields_of(const std::string& managed, const std::string& manager) {
  if (managed.empty()) return "";
  for (const json& entry : json::parse(managed))
    if (entry["manager"] == manager) return entry["fieldsV1"].dump();
  return "";
}

/// A request that managers write to one after the other.
struct Written {
  std::optional<json> object = {};
  std::string managed = {};

  std::expected<void, Status> apply(const FieldWrite& write, const json& configuration, bool force = false) {
    auto applied = apply_configuration(write, object, managed, configuration, force);
    if (!applied) return std::unexpected(applied.error());
    if (!applied->object.empty()) object = json::parse(applied->object);
    managed = applied->managed_fields;
    return {};
  }
  void update(const FieldWrite& write, const json& updated) {
    if (tracks_fields(write, managed, {}))
      managed = fields_after_update(write, *object, managed, updated, {});
    object = updated;
  }
  void create(const FieldWrite& write, const json& sent) {
    managed = fields_after_create(write, sent, {});
    object = sent;
  }
};

}  // namespace

TEST_CASE("a set of fields reads and writes FieldsV1 in order") {
  const char* text =
      R"({"f:a":{},"f:b":{".":{},"f:c":{}},"f:l":{"k:{\"type\":\"Approved\"}":{".":{},"f:status":{}},"v:\"x\"":{},"i:3":{}}})";
  CHECK(fields(text).json() == text);
  CHECK(fields(R"({"f:b":{},"f:a":{"f:z":null}})").json() == R"({"f:a":{"f:z":{}},"f:b":{}})");
  CHECK(fields(R"({"q:new":{},"f:a":{}})").json() == R"({"f:a":{}})");
  CHECK_FALSE(field_set_from_json(json::parse(R"({"f":{}})")));
  CHECK_FALSE(field_set_from_json(json::parse(R"({"f:a":1})")));
  CHECK_FALSE(field_set_from_json(json::parse(R"({"k:nothing":{}})")));
}

TEST_CASE("sets of fields unite, intersect and subtract") {
  const FieldSet a = fields(R"({"f:m":{".":{},"f:a":{},"f:b":{}}})");
  const FieldSet b = fields(R"({"f:m":{"f:b":{},"f:c":{}}})");
  CHECK(a.united(b) == fields(R"({"f:m":{".":{},"f:a":{},"f:b":{},"f:c":{}}})"));
  CHECK(a.common(b) == fields(R"({"f:m":{"f:b":{}}})"));
  CHECK(a.without(b) == fields(R"({"f:m":{".":{},"f:a":{}}})"));
  CHECK(a.without(fields(R"({"f:m":{}})")) == fields(R"({"f:m":{"f:a":{},"f:b":{}}})"));
  CHECK(a.without_below(fields(R"({"f:m":{}})")).empty());
  CHECK(a.without(a).empty());
}

TEST_CASE("paths read as kube-apiserver prints them") {
  std::vector<std::string> paths;
  fields(R"({"f:s":{"k:{\"a\":1,\"type\":\"T\"}":{"f:x":{}},"v:\"y\"":{}}})")
      .for_each([&](const FieldPath& path) { paths.push_back(path_text(path)); });
  CHECK(paths == std::vector<std::string>{".s[=\"y\"]", ".s[a=1,type=\"T\"].x"});
}

TEST_CASE("a configuration must fit the schema") {
  const auto& type = field_type(certificate_signing_requests());
  const auto problem = [&](const char* text) {
    return check_typed(type, json::parse(text), Duplicates::refused).error();
  };
  CHECK(check_typed(type, json::parse(R"({"spec":{"usages":["a","a"],"extra":{"k":["v"]}},"status":null})"),
                    Duplicates::refused));
  CHECK(problem(R"({"spec":{"bogus":1}})") == ".spec.bogus: field not declared in schema");
  CHECK(problem(R"({"spec":{"usages":"any"}})") == ".spec.usages: expected list, got &{any}");
  CHECK(problem(R"({"spec":{"signerName":5}})") ==
        ".spec.signerName: expected string, got &value.valueUnstructured{Value:5}");
  CHECK(problem(R"({"spec":{"expirationSeconds":"1"}})") ==
        ".spec.expirationSeconds: expected numeric (int or float), got string");
  CHECK(problem(R"({"metadata":{"labels":["a"]}})") == ".metadata.labels: expected map, got &{[a]}");
  CHECK(problem(R"({"status":{"conditions":[{"type":"A"},{"type":"A"}]}})") ==
        ".status.conditions: duplicate entries for key [type=\"A\"]");
  CHECK(problem(R"({"metadata":{"finalizers":["a/b",5]},"spec":{"usages":true}})") ==
        "errors:\n  .metadata.finalizers[=5]: expected string, got &value.valueUnstructured{Value:5}\n"
        "  .spec.usages: expected list, got &{true}");
}

TEST_CASE("a list with keys merges by them, in the order of what is applied") {
  const auto& type = field_type(certificate_signing_requests());
  const auto types_of = [](const json& object) {
    std::string out;
    for (const json& condition : object["status"]["conditions"]) out += condition["type"].get<std::string>();
    return out;
  };
  const auto with = [](const std::string& types) {
    json conditions = json::array();
    for (const char c : types) conditions.push_back({{"type", std::string(1, c)}});
    return json{{"status", {{"conditions", conditions}}}};
  };
  CHECK(types_of(merge_fields(type, with("ABC"), with("B"))) == "ABC");
  CHECK(types_of(merge_fields(type, with("ABC"), with("CA"))) == "BCA");
  CHECK(types_of(merge_fields(type, with("AB"), with("XB"))) == "AXB");
  CHECK(
      merge_fields(type, with("A"), json{{"status", {{"conditions", {{{"type", "A"}, {"reason", "r"}}}}}}}) ==
      json{{"status", {{"conditions", {{{"type", "A"}, {"reason", "r"}}}}}}});
}

TEST_CASE("what a writer sets it manages, and loses to the next one") {
  Written written;
  written.create(by("tester"), labelled({{"a", "b"}}));
  CHECK(json::parse(written.managed) ==
        json::parse(R"([{"manager":"tester","operation":"Update","apiVersion":"certificates.k8s.io/v1",
          "time":"2026-01-02T12:00:00Z","fieldsType":"FieldsV1",
          "fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:a":{}}}}}])"));
  written.update(by("second"), labelled({{"a", "c"}, {"d", "e"}}));
  CHECK(fields_of(written.managed, "tester") == R"({"f:metadata":{"f:labels":{}}})");
  CHECK(fields_of(written.managed, "second") == R"({"f:metadata":{"f:labels":{"f:a":{},"f:d":{}}}})");
  const std::string before = written.managed;
  written.update(by("third"), *written.object);
  CHECK(written.managed == before);
}

TEST_CASE("a writer of a subresource is kept apart, and what an endpoint resets is nobody's") {
  Written written;
  written.create(by("tester"), labelled({{"a", "b"}}));
  json approved = labelled({{"a", "b"}});
  approved["spec"] = {{"signerName", "x"}};
  approved["status"] = {{"certificate", "eA=="},
                        {"conditions", {{{"type", "Approved"}, {"reason", nullptr}}}}};
  written.update(by("tester", "approval"), approved);
  const json entries = json::parse(written.managed);
  REQUIRE(entries.size() == 2);
  CHECK(entries[1]["subresource"] == "approval");
  CHECK(
      entries[1]["fieldsV1"] ==
      json::parse(
          R"({"f:status":{"f:conditions":{".":{},"k:{\"type\":\"Approved\"}":{".":{},"f:reason":{},"f:type":{}}}}})"));
}

TEST_CASE("a request without labels begins no managedFields, and later writes do not either") {
  engine::CsrObject object;
  object.meta.name = "n";
  CHECK(managed_on_create(by("tester"), object, "").empty());
  DecodedCsr labels;
  labels.meta.labels["a"] = "b";
  CHECK(managed_on_update(by("tester"), object, labels).empty());
  object.meta.labels["a"] = "b";
  CHECK(fields_of(managed_on_create(by("tester"), object, ""), "tester") ==
        R"({"f:metadata":{"f:labels":{".":{},"f:a":{}}}})");
}

TEST_CASE("a client can clear managedFields, and cannot break them") {
  Written written;
  written.create(by("tester"), labelled({{"a", "b"}}));
  for (const char* cleared : {"[]", "[{}]"}) CHECK_FALSE(tracks_fields(by("x"), written.managed, cleared));
  CHECK(tracks_fields(by("x", "status"), written.managed, "[{}]"));
  CHECK(fields_after_update(by("x"), *written.object, written.managed, *written.object,
                            R"([{"manager":"m","operation":"Nope"}])") == written.managed);
}

TEST_CASE("the oldest of more than ten updaters are put together") {
  Written written;
  json labels = json::object();
  for (int i = 0; i < 13; ++i) {
    labels["l" + std::to_string(i)] = "x";
    const auto write = by("m" + std::to_string(i), {}, noon + engine::seconds(i));
    if (i == 0) {
      written.create(write, labelled(labels));
    } else {
      written.update(write, labelled(labels));
    }
  }
  CHECK(json::parse(written.managed).size() == max_update_managers);
  CHECK(fields_of(written.managed, "ancient-changes") ==
        R"({"f:metadata":{"f:labels":{".":{},"f:l0":{},"f:l1":{},"f:l2":{},"f:l3":{}}}})");
}

TEST_CASE("apply takes over what its manager left out, unless somebody else has it too") {
  Written written;
  REQUIRE(written.apply(by("m1"), labelled({{"a", "b"}, {"c", "d"}})));
  CHECK(fields_of(written.managed, "m1") == R"({"f:metadata":{"f:labels":{"f:a":{},"f:c":{}}}})");
  REQUIRE(written.apply(by("m2"), labelled({{"a", "b"}})));
  json bare = labelled({});
  bare["metadata"].erase("labels");
  REQUIRE(written.apply(by("m1"), bare));
  CHECK((*written.object)["metadata"]["labels"] == json{{"a", "b"}});
  CHECK(fields_of(written.managed, "m2") == R"({"f:metadata":{"f:labels":{"f:a":{}}}})");
  // m2 changed nothing when it joined in, so its entry has no time.
  CHECK_FALSE(json::parse(written.managed).back().contains("time"));
}

TEST_CASE("apply refuses to change what others manage, and takes it by force") {
  Written written;
  written.create(by("kit"), labelled({{"a", "b"}, {"c", "d"}}));
  const auto one = written.apply(by("m2"), labelled({{"a", "2"}}));
  REQUIRE_FALSE(one);
  CHECK(one.error().code == 409);
  CHECK(
      one.error().message ==
      "Apply failed with 1 conflict: conflict with \"kit\" using certificates.k8s.io/v1: .metadata.labels.a");
  CHECK(written.apply(by("m2"), labelled({{"a", "2"}, {"c", "3"}})).error().message ==
        "Apply failed with 2 conflicts: conflicts with \"kit\" using certificates.k8s.io/v1:\n"
        "- .metadata.labels.a\n- .metadata.labels.c");
  REQUIRE(written.apply(by("m2"), labelled({{"a", "2"}}), /*force=*/true));
  CHECK(fields_of(written.managed, "kit") == R"({"f:metadata":{"f:labels":{".":{},"f:c":{}}}})");
  CHECK((*written.object)["metadata"]["labels"]["a"] == "2");
}

TEST_CASE("what was there before the first apply has a manager of its own") {
  Written written;
  written.object = labelled({{"a", "b"}});
  REQUIRE(written.apply(by("m1"), labelled({{"z", "1"}})));
  CHECK(fields_of(written.managed, "before-first-apply") ==
        R"({"f:metadata":{"f:labels":{".":{},"f:a":{}}}})");
  CHECK(fields_of(written.managed, "m1") == R"({"f:metadata":{"f:labels":{"f:z":{}}}})");
}

TEST_CASE("kubectl may apply over its own client-side apply, whose annotation then follows") {
  json configuration = labelled({{"a", "b"}});
  json client_side = configuration;
  client_side["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] =
      configuration.dump() + "\n";
  Written written;
  written.create(by("kubectl-client-side-apply"), client_side);
  configuration["metadata"]["labels"]["a"] = "<c>";
  CHECK_FALSE(written.apply(by("other"), configuration));
  REQUIRE(written.apply(by("kubectl"), configuration));
  CHECK((*written.object)["metadata"]["labels"]["a"] == "<c>");
  CHECK((*written.object)["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] ==
        R"({"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest",)"
        R"("metadata":{"labels":{"a":"\u003cc\u003e"},"name":"n"},"status":{}})"
        "\n");
}

TEST_CASE("a configuration of another kind, or with managedFields, is refused") {
  Written written;
  CHECK(written.apply(by("m"), json::object()).error().message == "invalid object type: /, Kind=");
  json with_fields = labelled({});
  with_fields["metadata"]["managedFields"] = json::array();
  CHECK(written.apply(by("m"), with_fields).error().message == "metadata.managedFields must be nil");
  json twice = labelled({});
  twice["status"]["conditions"] = {{{"type", "A"}}, {{"type", "A"}}};
  CHECK(written.apply(by("m"), twice).error().message ==
        "failed to create typed patch object (/n; certificates.k8s.io/v1, Kind=CertificateSigningRequest): "
        ".status.conditions: duplicate entries for key [type=\"A\"]");
}

TEST_CASE("a manager without a name is called after its program") {
  CHECK(manager_name("given", "kubectl/v1.35 (linux)") == "given");
  CHECK(manager_name("", "kubectl/v1.35 (linux)") == "kubectl");
  CHECK(manager_name("", "a\tb\"/1") == "ab\"");
  CHECK(manager_name("", std::string(200, 'x')).size() == 128);
  CHECK(json::parse(fields_after_create(by(""), labelled({{"a", "b"}}), {}))[0]["manager"] == "unknown");
}

TEST_CASE("what fits the schema and still is no request is told as kube-apiserver tells it") {
  const auto refused = apply_to_csr(by("m"), nullptr, {}, R"({"apiVersion":"certificates.k8s.io/v1",
    "kind":"CertificateSigningRequest","metadata":null,"spec":{"expirationSeconds":1.5}})",
                                    false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == 500);
  CHECK(refused.error().message.starts_with(
      "failed to convert new object (/; certificates.k8s.io/v1, Kind=CertificateSigningRequest) to proper "
      "version "
      "(certificates.k8s.io/v1): unable to convert unstructured object to certificates.k8s.io/v1, "
      "Kind=CertificateSigningRequest: "));
}

TEST_CASE("what is applied may be YAML, JSON or nothing, but not a list") {
  CHECK(read_configuration("a: {b: [1, x, null]}\n")->json == R"({"a":{"b":[1,"x",null]}})");
  CHECK(read_configuration(R"({"a":"b"})")->json == R"({"a":"b"})");
  CHECK(read_configuration("")->json == "{}");
  CHECK(read_configuration("a: 1\na: 2\n")->duplicates.size() == 1);
  CHECK(read_configuration("- a\n").error().message ==
        "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array "
        "into Go "
        "value of type map[string]interface {}");
  CHECK(read_configuration("{a: [b").error().code == 400);
  CHECK(read_configuration("a: 1e999\n").error().code == 400);
}
