#include <nlohmann/json.hpp>
#include <set>

#include "api/media.hpp"
#include "api/openapi.hpp"
#include "api/own_kinds.hpp"
#include "api/protobuf.hpp"
#include "api/watch_frame.hpp"
#include "tests/api/proto_fields.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;
using test::Fields;
using test::fields_of;
using test::only;

/// The value of a {1 name, 2 value} message of this name among the fields of a number.
std::string named(const Fields& fields, unsigned number, const std::string& name) {
  const auto [begin, end] = fields.equal_range(number);
  for (auto at = begin; at != end; ++at) {
    const auto entry = fields_of(at->second);
    if (only(entry, 1) == name) return only(entry, 2);
  }
  FAIL("no " << name);
  return {};
}

const std::string csr = "io.k8s.api.certificates.v1.CertificateSigningRequest";
const std::string csr_path = "/apis/certificates.k8s.io/v1/certificatesigningrequests/{name}";

TEST_CASE("OpenAPI 2.0 says the same as 3.0, in its own form") {
  const auto two = json::parse(openapi_v2_json().body);
  CHECK(two["swagger"] == "2.0");
  const auto& schema = two["definitions"][csr];
  CHECK(schema["required"] == json{"spec"});
  CHECK(schema["properties"]["spec"]["$ref"] == "#/definitions/" + csr + "Spec");
  CHECK_FALSE(schema["properties"]["spec"].contains("default"));
  CHECK(schema["properties"]["spec"]["description"].get<std::string>().starts_with("spec contains the"));
  CHECK(two["definitions"][csr + "Spec"]["properties"]["extra"]["additionalProperties"]["items"]["type"] ==
        "string");
  const auto& patch = two["paths"][csr_path]["patch"];
  CHECK(patch["parameters"][0]["in"] == "body");
  CHECK(patch["consumes"].size() == 4);
  CHECK(patch["responses"]["200"]["schema"]["$ref"] == "#/definitions/" + csr);
  const auto validation = std::ranges::find_if(
      patch["parameters"], [](const json& parameter) { return parameter["name"] == "fieldValidation"; });
  REQUIRE(validation != patch["parameters"].end());
  CHECK((*validation)["type"] == "string");
}

TEST_CASE("every reference of the documents leads somewhere") {
  const auto two = json::parse(openapi_v2_json().body);
  std::size_t references = 0;
  const std::function<void(const json&)> look = [&](const json& value) {
    if (value.is_object() && value.contains("$ref") && value["$ref"].is_string()) {
      ++references;
      CHECK(two.contains(json::json_pointer(value["$ref"].get<std::string>().substr(1))));
    }
    if (value.is_structured())
      for (const auto& inner : value) look(inner);
  };
  look(two);
  CHECK(references > 50);
}

TEST_CASE("gnostic's form holds the schemas with their extensions") {
  const auto document = fields_of(openapi_v2_protobuf().body);
  CHECK(only(document, 1) == "2.0");
  const auto schema = fields_of(named(fields_of(only(document, 9)), 1, csr));
  CHECK(only(schema, 19) == "spec");
  CHECK(only(fields_of(only(schema, 22)), 1) == "object");
  const auto kinds = json::parse(only(fields_of(named(schema, 31, "x-kubernetes-group-version-kind")), 2));
  CHECK(
      kinds ==
      json::parse(R"([{"group":"certificates.k8s.io","kind":"CertificateSigningRequest","version":"v1"}])"));
  const auto spec = fields_of(named(fields_of(only(schema, 25)), 1, "spec"));
  CHECK(only(spec, 1) == "#/definitions/" + csr + "Spec");
  const auto path = fields_of(named(fields_of(only(document, 8)), 2, csr_path));
  CHECK(path.contains(7));
}

TEST_CASE("kubectl gets gnostic's form, a browser JSON") {
  CHECK(wants_openapi_protobuf("application/com.github.proto-openapi.spec.v2@v1.0+protobuf"));
  CHECK_FALSE(wants_openapi_protobuf("application/json"));
  CHECK_FALSE(wants_openapi_protobuf(""));
  CHECK(openapi_v2_protobuf().content_type == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
}

TEST_CASE("a watch in protobuf is a stream of frames") {
  const auto form = negotiate("application/vnd.kubernetes.protobuf,application/json", Reading::watch, false);
  REQUIRE(form);
  CHECK(form->stream_type() == "application/vnd.kubernetes.protobuf;stream=watch");
  const auto other =
      negotiate("application/vnd.kubernetes.protobuf,application/json", Reading::watch, false, false);
  REQUIRE(other);
  CHECK(other->stream_type() == "application/json");

  const std::string object =
      R"({"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1",)"
      R"("metadata":{"resourceVersion":"7"},"spec":{"request":null,"signerName":""},"status":{}})";
  const auto frame = protobuf_watch_event("BOOKMARK", object);
  const auto length = static_cast<unsigned char>(frame[2]) * 256U + static_cast<unsigned char>(frame[3]);
  CHECK(frame.substr(0, 2) == std::string(2, '\0'));
  CHECK(length == frame.size() - 4);
  const auto event = fields_of(frame.substr(4));
  CHECK(only(event, 1) == "BOOKMARK");
  CHECK(only(fields_of(only(event, 2)), 1) == protobuf_of_json(object).value());
}

}  // namespace

TEST_CASE("the schemas of csrflow's own kinds have OpenAPI's types only") {
  for (const Resource* resource :
       {&approval_policies(), &notification_sinks(), &rotation_policies(), &signers()}) {
    const json schemas = json::parse(resource->schemas);
    std::vector<json> open(schemas.begin(), schemas.end());
    std::size_t seen = 0;
    while (!open.empty()) {
      const json schema = open.back();
      open.pop_back();
      ++seen;
      if (schema.contains("type")) {
        const std::set<std::string> known{"string", "integer", "number", "boolean", "object", "array"};
        INFO(schema.dump());
        CHECK(known.contains(schema["type"].get<std::string>()));
      }
      for (const char* inner : {"items", "additionalProperties"})
        if (schema.contains(inner)) open.push_back(schema[inner]);
      for (const json& property : schema.value("properties", json::object())) open.push_back(property);
    }
    CHECK(seen > 10);
  }
}

}  // namespace csrflow::api
