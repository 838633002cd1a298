// Patches as kube-apiserver's libraries apply them; what is expected was taken from those libraries
// themselves.
#include <nlohmann/json.hpp>

#include "api/body.hpp"
#include "tests/catch.hpp"

using namespace csrflow::api;
using nlohmann::json;

namespace {

const std::string stored =
    R"({"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{)"
    R"("finalizers":["a.io/x","a.io/y","a.io/z"],"labels":{"a":"b"},"name":"jane",)"
    R"("ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u1"},)"
    R"({"apiVersion":"v1","kind":"Pod","name":"q","uid":"u2"}]},"spec":{"request":"","signerName":"s"},)"
    R"("status":{}})";

std::expected<Patched, Status> patched(PatchType type, const std::string& patch,
                                       FieldValidation validation = FieldValidation::warn) {
  return apply_patch(type, stored, patch, validation);
}

/// The metadata that a patch leaves; null when it is refused.
json metadata_after(PatchType type, const std::string& patch) {
  const auto result = patched(type, patch);
  return result ? json::parse(result->object)["metadata"] : json();
}

int code_of(PatchType type, const std::string& patch, FieldValidation validation = FieldValidation::warn) {
  const auto result = patched(type, patch, validation);
  return result ? 200 : result.error().code;
}

std::string refusal_of(PatchType type, const std::string& patch) {
  const auto result = patched(type, patch);
  if (!result) return result.error().message;
  const auto decoded = decode_patched_csr(*result, FieldValidation::strict);
  return decoded ? "" : decoded.error().message;
}

std::vector<std::string> warnings_of(PatchType type, const std::string& patch) {
  return decode_patched_csr(patched(type, patch).value(), FieldValidation::warn).value().warnings;
}

}  // namespace

TEST_CASE("a JSON patch lets more pass than the RFC does") {
  const auto labels = [](const std::string& patch) {
    return metadata_after(PatchType::json, patch)["labels"];
  };
  const auto finalizers = [](const std::string& patch) {
    return metadata_after(PatchType::json, patch)["finalizers"];
  };
  CHECK(labels(R"([{"op":"replace","path":"/metadata/labels/new","value":"c"}])") ==
        json({{"a", "b"}, {"new", "c"}}));
  CHECK(labels(R"([{"op":"copy","from":"/metadata/labels/none","path":"/metadata/labels/a"}])") ==
        json({{"a", nullptr}}));
  CHECK(labels(R"([{"op":"add","path":"/metadata/labels/c"}])") == json({{"a", "b"}, {"c", nullptr}}));
  CHECK(labels(R"([{"op":"add","path":"skipped/metadata/labels/k~2","value":"c"}])") ==
        json({{"a", "b"}, {"k~2", "c"}}));
  CHECK(finalizers(R"([{"op":"remove","path":"/metadata/finalizers/-1"}])") == json{"a.io/x", "a.io/y"});
  CHECK(finalizers(R"([{"op":"add","path":"/metadata/finalizers/-1","value":"n"}])") ==
        json{"a.io/x", "a.io/y", "a.io/z", "n"});
  CHECK(finalizers(R"([{"op":"replace","path":"/metadata/finalizers/+01","value":"n"}])") ==
        json{"a.io/x", "n", "a.io/z"});
  CHECK(code_of(PatchType::json, R"([{"op":"test","path":"/metadata/labels/none","value":null}])") == 200);
  CHECK(code_of(PatchType::json, "null") == 200);
}

TEST_CASE("what a JSON patch cannot do is a 422, a field of a wrong type a 400") {
  for (const char* operation :
       {R"({"op":"add","path":"/metadata/labels/a/b","value":"c"})",
        R"({"op":"add","path":"/metadata/finalizers/5","value":"c"})",
        R"({"op":"add","path":"/metadata/finalizers/1e0","value":"c"})",
        R"({"op":"add","path":"","value":{}})",
        R"({"op":"replace","path":"/metadata/finalizers/-4","value":"c"})", R"({"op":"replace","path":""})",
        R"({"op":"remove","path":"/metadata/finalizers/-"})", R"({"op":"remove","path":""})",
        R"({"op":"move","from":"/metadata","path":"/metadata/labels/a"})",
        R"({"op":"copy","from":"","path":"/metadata/labels/c"})",
        R"({"op":"copy","path":"/metadata/labels/c"})", R"({"op":"test","path":"/metadata/labels/a"})",
        R"({"op":"ADD","path":"/metadata/labels/c"})", "null"}) {
    INFO(operation);
    CHECK(code_of(PatchType::json, std::string("[") + operation + ']') == 422);
  }
  CHECK(code_of(PatchType::json, R"([{"op":5}])") == 400);
  CHECK(code_of(PatchType::json, R"([{"op":5}])", FieldValidation::ignore) == 422);
  CHECK(code_of(PatchType::json, "[5]") == 400);
}

TEST_CASE("unknown and duplicate fields of a patch itself are reported before those of the result") {
  using Texts = std::vector<std::string>;
  CHECK(warnings_of(PatchType::json, R"([{"op":"add","path":"/spec/q","value":{"a":1,"a":2},"foo":1},)"
                                     R"({"op":"test","op":"remove","path":"/status"}])") ==
        Texts{"json patch duplicate field \"[0].value.a\"", "json patch unknown field \"[0].foo\"",
              "json patch duplicate field \"[1].op\"", "unknown field \"spec.q\""});
  CHECK(warnings_of(PatchType::merge, R"({"x":1,"metadata":{"labels":{"a":"1","a":"2"}}})") ==
        Texts{"duplicate field \"metadata.labels.a\"", "unknown field \"x\""});
  CHECK(
      warnings_of(PatchType::strategic, R"({"x":1,"metadata":{"y":1,"labels":{"a":"1","a":"2"}}})") ==
      Texts{"duplicate field \"metadata.labels.a\"", "unknown field \"metadata.y\"", "unknown field \"x\""});
  CHECK(patched(PatchType::merge, R"({"x":1,"x":2})", FieldValidation::ignore)->problems.empty());
}

TEST_CASE("a patch that makes another kind is refused, a strategic one cannot make one") {
  CHECK_THAT(
      refusal_of(PatchType::merge, R"({"kind":"Pod"})"),
      Catch::EndsWith(": no kind \"Pod\" is registered for version \"certificates.k8s.io/v1\" in scheme "
                      "\"csrflow\"") &&
          Catch::StartsWith(" \"\" is invalid: patch: Invalid value: \"{"));
  CHECK(refusal_of(PatchType::strategic, R"({"kind":"Pod"})").empty());
}

TEST_CASE("a strict refusal shows a strategic merge patch as Go prints it") {
  CHECK(refusal_of(PatchType::strategic,
                   R"({"bogus":{"a":[1,"x"],"d":null},"metadata":{"labels":{"c":"1"}}})") ==
        " \"\" is invalid: patch: Invalid value: \"map[bogus:map[a:[1 x]] metadata:map[labels:map[c:1]]]\": "
        "strict "
        "decoding error: unknown field \"bogus\"");
}

TEST_CASE("the directives of a strategic merge patch") {
  const auto owners = [](const std::string& list) {
    return metadata_after(PatchType::strategic,
                          R"({"metadata":{"ownerReferences":)" + list + "}}")["ownerReferences"];
  };
  CHECK(owners(R"([{"$patch":"replace"},{"uid":"u3"}])") == json::parse(R"([{"uid":"u3"}])"));
  CHECK(owners(R"([{"$patch":"delete","uid":"u1"}])").size() == 1);
  const auto refusal = [](const std::string& metadata) {
    return refusal_of(PatchType::strategic, R"({"metadata":)" + metadata + '}');
  };
  CHECK(refusal(R"({"ownerReferences":[{"$patch":"merge","uid":"u1"}]})") ==
        "merging lists cannot yet be specified in the patch");
  CHECK(refusal(R"({"labels":{"$patch":"merge","q":"1"}})") ==
        "unknown patch type: merge in map: map[$patch:merge q:1]");
  CHECK(refusal(R"({"finalizers":[5]})") ==
        "list element types are not identical: [[a.io/x a.io/y a.io/z] [5]]");
  CHECK(refusal(R"({"$setElementOrder/finalizers":["a.io/z"],"finalizers":["a.io/q"]})") ==
        "The order in patch list:\n[a.io/q]\n doesn't match $setElementOrder list:\n[a.io/z]\n");
  CHECK(refusal(R"({"$setElementOrder/finalizers":"x"})") ==
        "expected a []interface {}, but received a string");
  CHECK(refusal(R"({"labels":{"$retainKeys":["q"],"a":"z"}})") == "invalid patch format of retainKeys");
  CHECK(metadata_after(PatchType::strategic,
                       R"({"metadata":{"finalizers":["a.io/x","a.io/x"]}})")["finalizers"] ==
        json{"a.io/x", "a.io/y", "a.io/z"});
}
