// Forms of answers: discovery, OpenAPI, Tables, lists, YAML, protobuf, negotiation.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/access_review.hpp"
#include "api/csr_presenter.hpp"
#include "api/openapi.hpp"
#include "api/protobuf.hpp"
#include "api/reviews.hpp"
#include "api/table.hpp"
#include "engine/object_json.hpp"
#include "tests/api/proto_fields.hpp"
#include "tests/catch.hpp"

using namespace csrflow::api;
using nlohmann::json;
namespace engine = csrflow::engine;

namespace {

const engine::Timestamp noon = *engine::parse_rfc3339("2026-01-02T12:00:00Z");

engine::CsrObject jane() {
  engine::CsrObject object;
  object.meta.name = "jane";
  object.meta.uid = {"aaaaaaaa-1111-4111-8111-000000000001"};
  object.meta.creation = noon - engine::seconds(600);
  object.meta.labels = {{"team", "a \"b\" {c}"}};
  engine::CsrSpec spec;
  spec.request = "PEM";
  spec.signer_name = {"example.com/web"};
  spec.expiration_seconds = 86400;
  spec.usages = {"client auth"};
  spec.username = "jane";
  spec.groups = {"devs", "system:authenticated"};
  spec.extra = {{"scopes", {"view"}}};
  object.spec = std::make_shared<const engine::CsrSpec>(spec);
  return object;
}

engine::ObjectRow row_of(const engine::CsrObject& object) {
  engine::CsrState state;
  state.object = object;
  return csr_row(state, {7}, engine::object_tail(object, {7}));
}

std::string document(const engine::CsrObject& object) {
  return std::string(engine::csr_object_head) + engine::object_tail(object, {7});
}

const Resource& csrs = certificate_signing_requests();

}  // namespace

TEST_CASE("ages and durations are as short as kubectl's") {
  const auto text = [](std::int64_t seconds) { return human_duration(engine::seconds(seconds)); };
  CHECK(text(0) == "0s");
  CHECK(text(119) == "119s");
  CHECK(text(120) == "2m");
  CHECK(text(599) == "9m59s");
  CHECK(text(600) == "10m");
  CHECK(text(3600) == "60m");
  CHECK(text(7261) == "121m");
  CHECK(text(3 * 3600) == "3h");
  CHECK(text(4 * 3600 + 60) == "4h1m");
  CHECK(text(86400) == "24h");
  CHECK(text(172800) == "2d");
  CHECK(text(176400) == "2d1h");
  CHECK(text(864000) == "10d");
  CHECK(text(31536000) == "365d");
  CHECK(text(63072000) == "2y");
  CHECK(text(100000000) == "3y62d");
  CHECK(text(31536000LL * 9) == "9y");
  CHECK(text(-1) == "0s");
  CHECK(text(-2) == "<invalid>");
  CHECK(age({}, noon) == "<unknown>");
}

TEST_CASE("the condition column knows every state") {
  engine::CsrStatus status;
  CHECK(condition_cell(status, {}) == "Pending");
  CHECK(condition_cell(status, {1, 2}) == "Pending (1/2)");
  status.conditions.push_back({"Checked", "Unknown", {}, {}, {}, {}});
  status.certificate = "x";
  CHECK(condition_cell(status, {}) == "Pending,Issued");
  status.conditions.push_back({"Approved", "True", {}, {}, {}, {}});
  CHECK(condition_cell(status, {}) == "Approved,Issued");
  status.conditions.push_back({"Failed", "True", {}, {}, {}, {}});
  CHECK(condition_cell(status, {}) == "Approved,Failed,Issued");
  status.conditions.push_back({"Denied", "True", {}, {}, {}, {}});
  CHECK(condition_cell(status, {}) == "Denied,Failed,Issued");
}

TEST_CASE("a Table has the age at reading time and the metadata of each row") {
  const engine::ObjectRow row = row_of(jane());
  const Answer answer{.shape = Shape::table};
  const json table =
      json::parse(list_document(csrs, answer, IncludeObject::metadata, {&row, 1}, {{9}, "go-on", 3}, noon));
  CHECK(table["kind"] == "Table");
  CHECK(table["apiVersion"] == "meta.k8s.io/v1");
  CHECK(table["metadata"] ==
        json{{"resourceVersion", "9"}, {"continue", "go-on"}, {"remainingItemCount", 3}});
  CHECK(table["columnDefinitions"].size() == 6);
  CHECK(table["columnDefinitions"][0]["format"] == "name");
  CHECK(table["rows"][0]["cells"] == json{"jane", "10m", "example.com/web", "jane", "24h", "Pending"});
  const json& object = table["rows"][0]["object"];
  CHECK(object["kind"] == "PartialObjectMetadata");
  CHECK(object["metadata"]["labels"] == json{{"team", "a \"b\" {c}"}});
  CHECK_FALSE(object.contains("spec"));

  const json full = json::parse(object_document(csrs, answer, IncludeObject::object, row, noon));
  CHECK(full["metadata"]["resourceVersion"] == "7");
  CHECK(full["rows"][0]["object"]["spec"]["signerName"] == "example.com/web");
  const json none = json::parse(event_object(csrs, answer, IncludeObject::none, row, false, noon));
  CHECK(none["columnDefinitions"].is_null());
  CHECK(none["rows"][0]["object"].is_null());
}

TEST_CASE("list items have no kind, bare metadata has") {
  const std::vector<engine::ObjectRow> rows = {row_of(jane()), row_of(jane())};
  const json list = json::parse(list_document(csrs, {}, IncludeObject::metadata, rows, {{9}, {}, {}}, noon));
  CHECK(list["kind"] == "CertificateSigningRequestList");
  CHECK(list["items"].size() == 2);
  CHECK_FALSE(list["items"][0].contains("kind"));
  CHECK(list["metadata"] == json{{"resourceVersion", "9"}});
  const Answer metadata{.shape = Shape::metadata, .version = "v1beta1"};
  const json partial =
      json::parse(list_document(csrs, metadata, IncludeObject::metadata, rows, {{9}, {}, {}}, noon));
  CHECK(partial["kind"] == "PartialObjectMetadataList");
  CHECK(partial["items"][1]["apiVersion"] == "meta.k8s.io/v1beta1");
  const json empty = json::parse(list_document(csrs, {}, IncludeObject::metadata, {}, {{9}, {}, {}}, noon));
  CHECK(empty["items"] == json::array());
}

TEST_CASE("the bookmark that ends the initial events is a typed object") {
  CHECK(
      bookmark_object(csrs, {}, {237}, true) ==
      R"({"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1","metadata":{"resourceVersion":)"
      R"("237","annotations":{"k8s.io/initial-events-end":"true"}},"spec":{"request":null,"signerName":""},)"
      R"("status":{}})");
  CHECK(watch_event("BOOKMARK", "{}") == "{\"type\":\"BOOKMARK\",\"object\":{}}\n");
}

TEST_CASE("discovery describes the group as kube-apiserver does") {
  CHECK(json::parse(*api_group_json("certificates.k8s.io")) ==
        json::parse(
            R"({"kind":"APIGroup","apiVersion":"v1","name":"certificates.k8s.io","versions":[{"groupVersion":
          "certificates.k8s.io/v1","version":"v1"}],"preferredVersion":{"groupVersion":"certificates.k8s.io/v1",
          "version":"v1"}})"));
  const json list = json::parse(*api_resource_list_json("certificates.k8s.io", "v1"));
  CHECK(list["resources"][0]["storageVersionHash"] == "95fRKMXA+00=");
  CHECK(list["resources"][1]["name"] == "certificatesigningrequests/approval");
  CHECK(list["resources"][2]["verbs"] == json{"get", "patch", "update"});
  CHECK_FALSE(api_resource_list_json("certificates.k8s.io", "v1beta1"));
  CHECK_FALSE(api_group_json("nope.k8s.io"));
  const Document& aggregated = aggregated_discovery(false, "v2");
  CHECK(aggregated.content_type == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  CHECK(aggregated.etag.size() == 130);
  const json items = json::parse(aggregated.body)["items"];
  const auto certificates = std::find_if(items.begin(), items.end(), [](const json& group) {
    return group["metadata"]["name"] == "certificates.k8s.io";
  });
  REQUIRE(certificates != items.end());
  CHECK((*certificates)["versions"][0]["resources"][0]["subresources"][0]["subresource"] == "approval");
  const json core = json::parse(aggregated_discovery(true, "v2").body)["items"];
  CHECK(core[0]["metadata"] == json::object());
  CHECK(core[0]["versions"][0]["resources"][0]["resource"] == "events");
  CHECK(aggregated_version(
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json") == "v2");
  CHECK(aggregated_version("application/json").empty());
  CHECK(json::parse(version_json())["minor"] == "35");
  CHECK(json::parse(root_paths_json())["paths"][0] == "/api");
}

TEST_CASE("the OpenAPI document holds what kubectl looks for") {
  const Document* document = openapi_document("apis/certificates.k8s.io/v1");
  REQUIRE(document != nullptr);
  const json openapi = json::parse(document->body);
  CHECK(openapi["openapi"] == "3.0.0");
  const json& patch =
      openapi["paths"]["/apis/certificates.k8s.io/v1/certificatesigningrequests/{name}"]["patch"];
  CHECK(patch["x-kubernetes-group-version-kind"]["kind"] == "CertificateSigningRequest");
  CHECK(patch["parameters"].dump().find("\"fieldValidation\"") != std::string::npos);
  const json& schemas = openapi["components"]["schemas"];
  const std::string prefix = "io.k8s.api.certificates.v1.CertificateSigningRequest";
  CHECK(schemas[prefix]["x-kubernetes-group-version-kind"][0]["group"] == "certificates.k8s.io");
  CHECK(schemas[prefix + "Spec"]["required"] == json{"request", "signerName"});
  CHECK(schemas[prefix + "Spec"]["properties"]["usages"]["x-kubernetes-list-type"] == "atomic");
  CHECK(schemas[prefix + "Status"]["properties"]["conditions"]["x-kubernetes-list-map-keys"] == json{"type"});
  const json index = json::parse(openapi_index_json());
  CHECK(index["paths"]["apis/certificates.k8s.io/v1"]["serverRelativeURL"] ==
        openapi_url("apis/certificates.k8s.io/v1"));
  CHECK(openapi_document("apis/nope/v1") == nullptr);
  // Every reference leads somewhere.
  const std::string head = "#/components/schemas/";
  for (std::size_t at = 0; (at = document->body.find(head, at)) != std::string::npos;) {
    at += head.size();
    const std::string name = document->body.substr(at, document->body.find('"', at) - at);
    INFO(name);
    CHECK(schemas.contains(name));
  }
}

TEST_CASE("Accept is negotiated as by kube-apiserver") {
  const auto shape = [](const char* accept, Reading reading = Reading::one) {
    return negotiate(accept, reading, false);
  };
  CHECK(shape("")->format == Format::json);
  CHECK(shape("*/*")->format == Format::json);
  CHECK(shape("text/html, application/vnd.kubernetes.protobuf;q=0.5, application/json")->format ==
        Format::json);
  CHECK(shape("application/vnd.kubernetes.protobuf,application/json")->format == Format::protobuf);
  CHECK(shape("application/vnd.kubernetes.protobuf,application/json", Reading::watch)->format ==
        Format::protobuf);
  CHECK(shape("application/yaml,application/json", Reading::watch)->format == Format::json);
  CHECK(shape("application/yaml")->format == Format::yaml);
  const auto table = shape(
      "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,"
      "application/json");
  CHECK(table->shape == Shape::table);
  CHECK(table->version == "v1");
  CHECK(shape("application/json;as=Nonsense;v=v1;g=meta.k8s.io,application/json")->shape == Shape::object);
  CHECK(shape("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", Reading::list)->shape ==
        Shape::metadata);

  const std::string served = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
  CHECK(shape("text/html").error().message == "406: Not Acceptable\n\nAvailable representations: " + served);
  CHECK(shape("application/*").error().code == 406);
  CHECK(shape("application/json;v=9").error().message ==
        "only the following media types are accepted: " + served);
  CHECK(shape("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io").error().code == 406);
  CHECK(shape("application/yaml", Reading::watch).error().message ==
        "only the following media types are accepted: application/json;stream=watch, "
        "application/vnd.kubernetes.protobuf;stream=watch");
  CHECK(
      shape("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", Reading::list).error().message ==
      "you requested PartialObjectMetadata, but the requested object is a list "
      "(*certificates.CertificateSigningRequestList)");
  CHECK(wants_pretty({}, "curl/8.0"));
  CHECK_FALSE(wants_pretty("false", "curl/8.0"));
  CHECK_FALSE(wants_pretty({}, "kubectl/v1"));
  CHECK(patch_type("application/apply-patch+yaml") == PatchType::apply);
  CHECK(patch_type("application/x-patch").error().message == "415: Unsupported Media Type");
}

TEST_CASE("JSON is indented and turned into YAML without loss") {
  CHECK(indent_json(R"({"a":[],"b":{"c":[1,"x, {y}"]},"d":{}})") ==
        "{\n  \"a\": [],\n  \"b\": {\n    \"c\": [\n      1,\n      \"x, {y}\"\n    ]\n  },\n  \"d\": {}\n}");
  CHECK(yaml_of_json(
            R"({"b":["x",{"z":1,"y":"2"}],"a":{"time":"2026-01-02T03:04:05Z","yes":"yes","n":null}})") ==
        "a:\n  \"n\": null\n  time: \"2026-01-02T03:04:05Z\"\n  \"yes\": \"yes\"\nb:\n- x\n- \"y\": \"2\"\n  "
        "z: 1\n");
  CHECK(yaml_of_json("{\"a\":\"x\x7Fy\"}") == "a: \"x\\x7Fy\"\n");
  const std::string text = document(jane());
  auto yaml = yaml_of_json(text);
  INFO(yaml);
  const auto back = decode_csr(Format::yaml, yaml, FieldValidation::strict);
  REQUIRE(back);
  CHECK(back->meta.labels == jane().meta.labels);
  CHECK(back->spec == *jane().spec);
}

TEST_CASE("an object survives protobuf") {
  const auto bytes = protobuf_of_json(document(jane()));
  REQUIRE(bytes);
  CHECK(bytes->substr(0, 4) == std::string("k8s\0", 4));
  const auto back = decode_csr(Format::protobuf, *bytes, FieldValidation::strict);
  REQUIRE(back);
  CHECK(back->meta.name == "jane");
  CHECK(back->meta.creation == jane().meta.creation);
  CHECK(back->resource_version == "7");
  CHECK(back->spec == *jane().spec);
  CHECK(back->request_present);
  CHECK(protobuf_of_json(status::not_found(csrs.resource_name(), "x").json()));
  CHECK_FALSE(protobuf_of_json(R"({"kind":"APIGroup"})"));
}

TEST_CASE("managedFields survive protobuf, both ways") {
  auto object = jane();
  object.meta.managed_fields =
      R"([{"manager":"kubectl","operation":"Apply","apiVersion":"certificates.k8s.io/v1",)"
      R"("time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:request":{}}},)"
      R"("subresource":"status"},{"manager":"other"}])";
  const auto bytes = protobuf_of_json(document(object));
  REQUIRE(bytes);
  const auto meta =
      test::fields_of(test::only(test::fields_of(test::only(test::fields_of(bytes->substr(4)), 2)), 1));
  REQUIRE(meta.count(17) == 2);
  const auto entry = test::fields_of(meta.find(17)->second);
  CHECK(test::only(entry, 1) == "kubectl");
  CHECK(test::only(test::fields_of(test::only(entry, 7)), 1) == R"({"f:spec":{"f:request":{}}})");
  CHECK(test::only(entry, 8) == "status");
  const auto back = decode_csr(Format::protobuf, *bytes, FieldValidation::strict);
  REQUIRE(back);
  CHECK(back->meta.managed_fields == object.meta.managed_fields);
}

TEST_CASE("what events, namespaces and trust bundles are in protobuf") {
  const auto message = [](const std::string& text) {
    const auto bytes = protobuf_of_json(text);
    REQUIRE(bytes);
    return test::fields_of(test::only(test::fields_of(bytes->substr(4)), 2));
  };
  const auto event = message(
      R"({"kind":"Event","apiVersion":"v1","metadata":{"name":"jane.1","namespace":"default"},)"
      R"("involvedObject":{"kind":"CertificateSigningRequest","name":"jane"},"reason":"R","message":"M",)"
      R"("source":{"component":"csrflow"},"firstTimestamp":"1970-01-01T00:00:07Z","count":1,)"
      R"("type":"Warning","eventTime":null,"reportingComponent":"csrflow"})");
  CHECK(test::only(test::fields_of(test::only(event, 1)), 3) == "default");
  CHECK(test::only(test::fields_of(test::only(event, 2)), 3) == "jane");
  CHECK(test::only(event, 4) == "M");
  CHECK(test::only(test::fields_of(test::only(event, 6)), 1) == "7");
  CHECK(test::only(event, 8) == "1");
  CHECK(event.count(10) == 0);
  CHECK(test::only(event, 14) == "csrflow");

  const auto grouped =
      message(R"({"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{},)"
              R"("eventTime":"1970-01-01T00:00:07.000005Z","regarding":{"name":"jane"},"note":"N"})");
  const auto at = test::fields_of(test::only(grouped, 2));
  CHECK(test::only(at, 1) == "7");
  CHECK(test::only(at, 2) == "5000");
  CHECK(test::only(test::fields_of(test::only(grouped, 8)), 3) == "jane");
  CHECK(test::only(grouped, 10) == "N");

  const auto bundles =
      message(R"({"kind":"ClusterTrustBundleList","apiVersion":"certificates.k8s.io/v1",)"
              R"("metadata":{"resourceVersion":"7","remainingItemCount":3},)"
              R"("items":[{"metadata":{"name":"a"},"spec":{"signerName":"s","trustBundle":"PEM"}}]})");
  CHECK(test::only(test::fields_of(test::only(bundles, 1)), 4) == "3");
  const auto bundle = test::fields_of(test::only(bundles, 2));
  CHECK(test::only(test::fields_of(test::only(bundle, 2)), 2) == "PEM");

  const auto place = message(R"({"kind":"Namespace","apiVersion":"v1","metadata":{"labels":{"a":"b"}},)"
                             R"("spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})");
  CHECK(test::only(test::fields_of(test::only(test::fields_of(test::only(place, 1)), 11)), 2) == "b");
  CHECK(test::only(test::fields_of(test::only(place, 2)), 1) == "kubernetes");
  CHECK(test::only(test::fields_of(test::only(place, 3)), 1) == "Active");
}

TEST_CASE("protobuf that is not Kubernetes' or not UTF-8 is refused") {
  CHECK(decode_csr(Format::protobuf, "{}", FieldValidation::warn).error().code == 400);
  CHECK(decode_csr(Format::protobuf, std::string("k8s\0\xFF\xFF", 6), FieldValidation::warn).error().code ==
        400);
  engine::CsrObject object = jane();
  object.meta.labels = {{"team", "red"}};
  std::string bytes = *protobuf_of_json(document(object));
  bytes.replace(bytes.find("red"), 1, "\xFF");
  CHECK(decode_csr(Format::protobuf, bytes, FieldValidation::warn).error().message ==
        "CertificateSigningRequest in version \"v1\" cannot be handled as a CertificateSigningRequest: "
        "proto: field "
        "metadata.labels contains invalid UTF-8");
}

TEST_CASE("YAML is read by the rules of YAML 1.1, and bombs are refused") {
  const auto labels = [](const std::string& value) {
    return decode_csr(Format::yaml, "metadata: {name: x, labels: {a: " + value + "}}", FieldValidation::warn);
  };
  CHECK(labels("'yes'")->meta.labels.at("a") == "yes");
  CHECK_FALSE(labels("yes"));
  CHECK_FALSE(labels("012"));
  CHECK_FALSE(labels("1e3"));
  CHECK(labels("2026-01-02")->meta.labels.at("a") == "2026-01-02");
  CHECK(labels("&x b")->meta.labels.at("a") == "b");
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
    for (int j = 0; j < 9; ++j) bomb += ',' + below;
    bomb += "]\n";
  }
  CHECK(decode_csr(Format::yaml, bomb, FieldValidation::warn).error().message.find("excessive aliasing") !=
        std::string::npos);
}

TEST_CASE("a body may be deep, but not too deep") {
  const auto nested = [](int levels) {
    std::string text;
    for (int i = 0; i < levels; ++i) text += "{\"a\":";
    return text + "1" + std::string(static_cast<std::size_t>(levels), '}');
  };
  CHECK(decode_csr(Format::json, nested(9000), FieldValidation::warn));
  CHECK(decode_csr(Format::json, nested(10001), FieldValidation::warn).error().code == 400);
}

TEST_CASE("a question that cannot be answered is told what it lacks") {
  const auto told = [](const Resource& kind, std::string_view spec, std::string_view place = "") {
    auto sent = decode_access_review(kind, Format::json, R"({"spec":)" + std::string(spec) + "}",
                                     FieldValidation::warn);
    if (!sent) return sent.error().message;
    const auto review = check_access_review(kind, std::string(place), std::move(*sent));
    return review ? "" : review.error().message;
  };
  const std::string invalid = ".authorization.k8s.io \"\" is invalid: ";
  CHECK(told(self_subject_access_reviews(), "{}") ==
        invalid +
            "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or "
            "resourceAttributes must be specified");
  CHECK(told(self_subject_access_reviews(),
             R"({"resourceAttributes":{},"nonResourceAttributes":{"path":"/x","verb":"get"}})") ==
        invalid +
            R"(spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: cannot be specified )"
            "in combination with resourceAttributes");
  CHECK(told(subject_access_reviews(), R"({"resourceAttributes":{"verb":"get"}})") ==
        invalid + R"(spec.user: Invalid value: "": at least one of user or group must be specified)");
  CHECK(told(local_subject_access_reviews(), R"({"user":"jane","resourceAttributes":{"namespace":"b"}})",
             "a") ==
        invalid + R"(spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace)");
  CHECK(told(local_subject_access_reviews(), R"({"user":"jane","resourceAttributes":{"namespace":"a"}})", "a")
            .empty());
  const auto rules = decode_rules_review(Format::json, R"({"spec":{}})", FieldValidation::strict);
  CHECK(check_rules_review(rules.value()).error().message == "no namespace on request");
}

TEST_CASE("what a user may is answered as rules for resources and rules for paths") {
  RulesOfUser found;
  found.rules = {{.verbs = {"get"},
                  .api_groups = {""},
                  .resources = {"pods"},
                  .resource_names = {"a"},
                  .non_resource_urls = {}},
                 {.verbs = {"get"},
                  .api_groups = {},
                  .resources = {},
                  .resource_names = {},
                  .non_resource_urls = {"/healthz"}}};
  CHECK(rules_review_json(found) ==
        R"({"kind":"SelfSubjectRulesReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":{},)"
        R"("status":{"resourceRules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"],)"
        R"("resourceNames":["a"]}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/healthz"]}],)"
        R"("incomplete":false}})");
}

TEST_CASE("reviews echo the question") {
  const auto& kind = self_subject_access_reviews();
  const auto spec = R"({"resourceAttributes":{"verb":"list","group":"certificates.k8s.io","resource":)"
                    R"("certificatesigningrequests"}})";
  auto sent = decode_access_review(kind, Format::json, std::string(R"({"spec":)") + spec + "}",
                                   FieldValidation::strict);
  REQUIRE(sent.has_value());
  const auto review = check_access_review(kind, "", std::move(*sent));
  REQUIRE(review.has_value());
  CHECK(access_review_json(kind, *review, {}) ==
        std::string(
            R"({"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},)") +
            R"("spec":)" + spec + R"(,"status":{"allowed":false}})");
  const engine::Identity nobody{"nobody", {}, {"system:authenticated"}, {}, {}, {}};
  CHECK(
      self_subject_review_json(nobody, noon) ==
      R"({"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1","metadata":{"creationTimestamp":)"
      R"("2026-01-02T12:00:00Z"},"status":{"userInfo":{"username":"nobody","groups":["system:authenticated"]}}})");
}
