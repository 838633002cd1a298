#include "engine/object.hpp"

#include <nlohmann/json.hpp>

#include "engine/object_json.hpp"
#include "tests/catch.hpp"
#include "tests/engine/random_values.hpp"

using namespace csrflow::engine;
using csrflow::test::RandomValues;
using nlohmann::json;

namespace {

/// As `kubectl apply` of the lesson's request left it, approved and signed.
CsrObject jane() {
  CsrObject object;
  object.meta.name = "jane";
  object.meta.uid = {"6f2c1a3e-0d8b-4b53-9a7e-3f0f6d1c2b4a"};
  object.meta.creation = from_seconds(1'767'323'045);
  object.meta.labels = {{"team", "web"}};
  object.meta.managed_fields = R"([{"manager":"kubectl","operation":"Update","fieldsV1":{"f:spec":{}}}])";
  CsrSpec spec{
      .request = "PEM", .signer_name = {"kubernetes.io/kube-apiserver-client"}, .expiration_seconds = 86400};
  spec.usages = {"client auth"};
  spec.username = "admin";
  spec.groups = {"system:masters", "system:authenticated"};
  spec.extra = {{"example.com/id", {"1"}}};
  object.spec = std::make_shared<const CsrSpec>(spec);
  object.status.conditions = {{"Approved", "True", "KubectlApprove", "by \"carol\"",
                               from_seconds(1'767'323'050), from_seconds(1'767'323'050)}};
  object.status.certificate = "CERT";
  return object;
}

CsrObject reread(const CsrObject& object) {
  const std::string text = '{' + object_tail(object, {});
  JsonReader in(text);
  CsrObject back = object_from_json(in);
  return back;
}

std::string change_text(const ObjectChange& change) {
  std::string out;
  append_change_json(out, change);
  return out;
}

json as_json(const CsrObject& object) {
  return json::parse('{' + object_tail(object, {}));
}

/// A merge patch that removes the last key leaves `{}`, where an object leaves the member out.
void drop_empty_maps(json& object) {
  for (const char* map : {"labels", "annotations"})
    if (object["metadata"].contains(map) && object["metadata"][map].empty()) object["metadata"].erase(map);
}

}  // namespace

TEST_CASE("an object is written in kube-apiserver's order, without what is empty") {
  CHECK(
      object_tail(jane(), {17}) ==
      R"("metadata":{"name":"jane","uid":"6f2c1a3e-0d8b-4b53-9a7e-3f0f6d1c2b4a","resourceVersion":"17",)"
      R"("creationTimestamp":"2026-01-02T03:04:05Z","labels":{"team":"web"},)"
      R"("managedFields":[{"manager":"kubectl","operation":"Update","fieldsV1":{"f:spec":{}}}]},)"
      R"("spec":{"request":"UEVN","signerName":"kubernetes.io/kube-apiserver-client","expirationSeconds":86400,)"
      R"("usages":["client auth"],"username":"admin","groups":["system:masters","system:authenticated"],)"
      R"("extra":{"example.com/id":["1"]}},)"
      R"("status":{"conditions":[{"type":"Approved","status":"True","reason":"KubectlApprove",)"
      R"("message":"by \"carol\"","lastUpdateTime":"2026-01-02T03:04:10Z",)"
      R"("lastTransitionTime":"2026-01-02T03:04:10Z"}],"certificate":"Q0VSVA=="}})");
}

TEST_CASE("status is there even when it is empty") {
  CsrObject object = jane();
  object.status = {};
  CHECK(object_tail(object, {}).ends_with(R"(,"status":{}})"));
}

TEST_CASE("a deleting object says when, with no grace") {
  CsrObject object = jane();
  object.meta.deletion = from_seconds(1'767'323'060);
  object.meta.finalizers = {"example.com/hold"};
  object.meta.owner_references = {{"v1", "ConfigMap", "owner", "u-1", true, false}};
  std::string out;
  append_metadata_json(out, object.meta, {});
  CHECK(out.find(R"("creationTimestamp":"2026-01-02T03:04:05Z","deletionTimestamp":"2026-01-02T03:04:20Z",)"
                 R"("deletionGracePeriodSeconds":0,"labels")") != std::string::npos);
  CHECK(
      out.find(
          R"("ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"u-1",)"
          R"("controller":true,"blockOwnerDeletion":false}],"finalizers":["example.com/hold"],"managedFields")") !=
      std::string::npos);
}

TEST_CASE("a tail over a rendered spec is the same tail") {
  const CsrObject object = jane();
  CHECK(object_tail(object, spec_json(*object.spec), {5}) == object_tail(object, {5}));
}

TEST_CASE("a change is a merge patch: removed is null, lists are whole") {
  ObjectChange change;
  CHECK(change_text(change) == "{}");
  change.labels = {{"a", "1"}, {"b", std::nullopt}};
  change.finalizers = std::vector<std::string>{};
  change.managed_fields = R"([{"f:z":{},"f:a":{}}])";
  change.conditions = {{{"Denied", "True", "", "", std::nullopt, from_seconds(0)}}};
  CHECK(
      change_text(change) ==
      R"({"metadata":{"labels":{"a":"1","b":null},"finalizers":null,"managedFields":[{"f:z":{},"f:a":{}}]},)"
      R"("status":{"conditions":[{"type":"Denied","status":"True","lastTransitionTime":"1970-01-01T00:00:00Z"}]}})");
}

TEST_CASE("every object is read back as it was written") {
  RandomValues random(1);
  for (int i = 0; i < 500; ++i) {
    const CsrObject object = random.object();
    const CsrObject back = reread(object);
    REQUIRE(back.meta == object.meta);
    REQUIRE(*back.spec == *object.spec);
    REQUIRE(back.status == object.status);
    REQUIRE(object_tail(back, {9}) == object_tail(object, {9}));
  }
}

TEST_CASE("every change is read back as it was written") {
  RandomValues random(2);
  for (int i = 0; i < 500; ++i) {
    const ObjectChange change = random.change();
    const std::string text = change_text(change);
    JsonReader in(text);
    REQUIRE(change_from_json(in) == change);
  }
}

TEST_CASE("applying the difference gives the other object") {
  RandomValues random(3);
  for (int i = 0; i < 500; ++i) {
    const CsrObject before = random.object();
    CsrObject after = before;
    apply(after, random.change());
    CsrObject patched = before;
    const ObjectChange change = difference(before, after);
    apply(patched, change);
    REQUIRE(patched.meta == after.meta);
    REQUIRE(patched.status == after.status);
    REQUIRE(change.empty() == (before.meta == after.meta && before.status == after.status));
  }
  CHECK(difference(jane(), jane()).empty());
}

TEST_CASE("any RFC 7396 implementation applies a change as we do") {
  RandomValues random(4);
  for (int i = 0; i < 500; ++i) {
    const CsrObject before = random.object();
    const ObjectChange change = random.change();
    CsrObject after = before;
    apply(after, change);
    json patched = as_json(before);
    patched.merge_patch(json::parse(change_text(change)));
    drop_empty_maps(patched);
    REQUIRE(patched == as_json(after));
  }
}

TEST_CASE("only what differs is in the difference") {
  CsrObject after = jane();
  after.meta.labels = {{"new", "1"}};
  after.status.certificate = "OTHER";
  const ObjectChange change = difference(jane(), after);
  ObjectChange expected;
  expected.labels = {{"team", std::nullopt}, {"new", "1"}};
  expected.certificate = "OTHER";
  CHECK(change == expected);
}

TEST_CASE("conditions are found by their type") {
  CHECK(jane().status.has(condition::approved));
  CHECK(jane().status.find(condition::approved)->reason == "KubectlApprove");
  CHECK_FALSE(jane().status.has(condition::denied));
}

TEST_CASE("an object without its essentials is not read") {
  for (const char* text :
       {R"({})", R"({"metadata":{"name":"a","uid":"u"}})", R"({"metadata":{"name":"a"},"spec":{}})",
        R"({"metadata":{"name":"a","uid":"u"},"spec":{"expirationSeconds":4294967296}})",
        R"({"metadata":{"name":"a","uid":"u"},"spec":{"request":"?"}})",
        R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"yesterday"},"spec":{}})"}) {
    INFO(text);
    JsonReader in(text);
    CHECK_THROWS_AS(object_from_json(in), MalformedJson);
  }
}
