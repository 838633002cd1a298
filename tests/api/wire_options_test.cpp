// Query strings, selectors and the small bodies, with the words of kube-apiserver 1.35.
#include "api/body.hpp"
#include "api/patch.hpp"
#include "api/selector.hpp"
#include "api/write.hpp"
#include "tests/catch.hpp"

using namespace csrflow::api;
namespace engine = csrflow::engine;

TEST_CASE("a broken escape drops its parameter, not the request") {
  const Query query("a=%zz&b=x+y&c=%41&b=2&d");
  CHECK_FALSE(query.has("a"));
  CHECK(query.all("b") == std::vector<std::string>{"x y", "2"});
  CHECK(query.first("c") == "A");
  CHECK(query.first("d") == "");
  CHECK(unescape_path("a+b%2Fc") == "a+b/c");
  CHECK_FALSE(unescape_path("%2"));
}

TEST_CASE("list options are checked as kube-apiserver checks them") {
  const auto message = [](const char* query) { return list_options(Query(query)).error().message; };
  CHECK(message("resourceVersionMatch=Exact") ==
        "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is "
        "forbidden "
        "unless resourceVersion is provided");
  CHECK(
      message("resourceVersion=1&resourceVersionMatch=Nope") ==
      "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Nope\": supported "
      "values: \"Exact\", \"NotOlderThan\", \"\"");
  CHECK(
      message("watch=1&sendInitialEvents=true&resourceVersionMatch=Exact") ==
      "ListOptions.meta.k8s.io \"\" is invalid: [resourceVersionMatch: Forbidden: sendInitialEvents requires "
      "setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: \"Exact\": "
      "supported "
      "values: \"NotOlderThan\"]");
  CHECK(message("resourceVersion=abc") ==
        "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing "
        "\"abc\": "
        "invalid syntax");
  CHECK(list_options(Query("watch=1&resourceVersion=abc")).error().code == 500);
  CHECK(message("limit=abc") == "strconv.ParseInt: parsing \"abc\": invalid syntax");
  CHECK(message("limit=") == "strconv.ParseInt: parsing \"\": invalid syntax");
  CHECK(message("limit=99999999999999999999") ==
        "strconv.ParseInt: parsing \"99999999999999999999\": value out of range");
  CHECK(message("continue=x&resourceVersion=5") ==
        "specifying resource version is not allowed when using continue");
  CHECK_FALSE(list_options(Query("limit=-1"))->limit);
  CHECK(list_options(Query("limit=2"))->limit == 2);
  CHECK(list_options(Query("watch=0"))->watch == false);
  CHECK(list_options(Query("resourceVersion=0"))->resource_version == engine::Position{0});
  CHECK(request_timeout(Query("timeout=1m30s"))->value() == engine::seconds(90));
  CHECK(request_timeout(Query("timeout=abc")).error().message ==
        "invalid timeout specified in the request URL - time: invalid duration \"abc\"");
}

TEST_CASE("label selectors select") {
  const engine::StringMap labels = {{"kit", "n"}, {"x", "2"}, {"y", ""}};
  const auto matches = [&](const char* text) { return LabelSelector::parse(text)->matches(labels); };
  CHECK(matches(""));
  CHECK(matches("kit=n,x==2"));
  CHECK(matches("x in (1,2)"));
  CHECK(matches("x notin (1), !z, y"));
  CHECK(matches("y="));
  CHECK(matches("z!=1"));
  CHECK(matches("x>1,x<3"));
  CHECK_FALSE(matches("x<2"));
  CHECK_FALSE(matches("!y"));
  CHECK_FALSE(matches("kit=other"));
}

TEST_CASE("a label selector that cannot be read says where") {
  const auto message = [](const char* text) { return LabelSelector::parse(text).error().message; };
  CHECK(message("x===1") == "unable to parse requirement: found '=', expected: identifier");
  CHECK(message("a b=c") == "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
  CHECK(message("a=b c!") == "found 'c', expected: ',' or 'end of string'");
  CHECK(message("x in (1") == "unable to parse requirement: found '', expected: ',' or ')'");
  CHECK(message("=a") == "found '=', expected: !, identifier, or 'end of string'");
  CHECK(message("x>a") ==
        "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value "
        "must be an "
        "integer");
  CHECK(message("a=b,") == "found '', expected: identifier after ','");
}

TEST_CASE("field selectors know the resource's fields") {
  const std::vector<std::string> fields = {"spec.signerName"};
  const auto parse = [&](const char* text) { return FieldSelector::parse(text, fields); };
  const engine::StringMap values = {{"spec.signerName", "a.b/c"}};
  CHECK(parse("spec.signerName=a.b/c,metadata.name!=y")->matches("x", values));
  CHECK_FALSE(parse("spec.signerName!=a.b/c")->matches("x", values));
  CHECK(parse("metadata.name==a\\,b")->required_name() == "a,b");
  CHECK_FALSE(parse("metadata.name!=x")->required_name());
  CHECK(parse("nonsense").error().message == "invalid selector: 'nonsense'; can't understand 'nonsense'");
  CHECK(parse("spec.username=admin").error().message == "field label not supported: spec.username");
}

TEST_CASE("options of a DELETE come from the body or the query") {
  const auto body = [](const char* text) { return decode_delete_options(Format::json, text, Query("")); };
  CHECK(body(R"({"preconditions":{"uid":"u"},"propagationPolicy":"Background","dryRun":["All"]})")->uid ==
        "u");
  CHECK(body(R"({"kind":"DeleteOptions","apiVersion":"certificates.k8s.io/v1"})"));
  CHECK(body(R"({"kind":"Secret","apiVersion":"v1"})").error().code == 400);
  CHECK(body(R"({"propagationPolicy":"Nope"})").error().message ==
        "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"Nope\": "
        "supported values: "
        "\"Foreground\", \"Background\", \"Orphan\", \"nil\"");
  CHECK(body(R"({"orphanDependents":true,"propagationPolicy":"Background"})").error().message ==
        "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Invalid value: \"Background\": "
        "orphanDependents and deletionPropagation cannot be both set");
  CHECK(body("{").error().message.starts_with("couldn't get version/kind; json parse error: "));
  const auto query =
      decode_delete_options(Format::json, "", Query("dryRun=All&propagationPolicy=Foreground"));
  CHECK(query->dry_run);
  CHECK(query->propagation == "Foreground");
}

TEST_CASE("texts are quoted as Go quotes them") {
  CHECK(go_quote("a\"b\\c\n\x01") == R"("a\"b\\c\n\x01")");
  CHECK(go_quote("wörld\xFF") == "\"wörld\\xff\"");
  CHECK(go_quote("\u200B") == R"("\u200b")");
  CHECK(status::forbidden({"", "pods"}, "", "User \"<b>\" cannot").message ==
        "pods is forbidden: User \"&lt;b&gt;\" cannot");
}

TEST_CASE("an empty propagation policy is none that there is, null is no policy") {
  CHECK(decode_delete_options(Format::json, "", Query("propagationPolicy=")).error().message ==
        "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"\": supported "
        "values: "
        "\"Foreground\", \"Background\", \"Orphan\", \"nil\"");
  CHECK(decode_delete_options(Format::json, R"({"propagationPolicy":""})", Query("")).error().code == 422);
  CHECK(decode_delete_options(Format::json, R"({"propagationPolicy":null})", Query("")));
}

TEST_CASE("half a surrogate pair passes, a byte order mark does not") {
  const auto read = [](const std::string& text) {
    return decode_csr(Format::json, R"({"metadata":{"name":")" + text + "\"}}", FieldValidation::strict);
  };
  CHECK(read(R"(a\ud800b)")->meta.name ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(read(R"(\udc00\ud83d\ude00)")->meta.name == "\xEF\xBF\xBD\xF0\x9F\x98\x80");
  CHECK(read(R"(\\ud800)")->meta.name == "\\ud800");
  CHECK(decode_csr(Format::json, "\xEF\xBB\xBF{}", FieldValidation::warn).error().code == 400);
}

TEST_CASE("generated names are the prefix and five characters") {
  const std::array<std::uint8_t, 16> random = {0, 1, 0, 2, 0, 26, 0, 27, 1, 0};
  CHECK(generated_name("node-", random) == "node-cd9br");
  CHECK(generated_name(std::string(100, 'x'), random).size() == 63);
}

TEST_CASE("a JSON patch cannot make an object grow without bound") {
  std::string patch = R"([{"op":"add","path":"/a","value":{"x":")" + std::string(1000, 'x') + "\"}}";
  for (int i = 0; i < 40; ++i) {
    patch += R"(,{"op":"copy","from":"/a","path":"/a/b)" + std::to_string(i) + "\"}";
  }
  CHECK(apply_patch(PatchType::json, "{}", patch + "]").error().code == 422);
  std::string many = "[";
  for (int i = 0; i <= 10'000; ++i)
    many += std::string(i == 0 ? "" : ",") + R"({"op":"test","path":"","value":{}})";
  CHECK(apply_patch(PatchType::json, "{}", many + "]").error().code == 413);
  CHECK(apply_patch(PatchType::merge, "{}", std::string(600, '[')).error().code == 400);
  const std::string half = std::string(max_body_bytes / 2, 'x');
  for (const PatchType type : {PatchType::merge, PatchType::strategic})
    CHECK(apply_patch(type, R"({"a":")" + half + R"("})", R"({"b":")" + half + R"("})").error().code == 413);
  CHECK(apply_patch(PatchType::json, R"({"a":")" + half + R"("})",
                    R"([{"op":"add","path":"/b","value":")" + half + R"("}])")
            .error()
            .code == 413);
}

TEST_CASE("a strategic merge patch merges owner references by uid and replaces conditions") {
  const std::string object =
      R"({"metadata":{"ownerReferences":[{"uid":"1","name":"a"},{"uid":"2","name":"b"}]},"status":{"conditions":[)"
      R"({"type":"Ready"}]}})";
  const std::string patch =
      R"({"metadata":{"ownerReferences":[{"uid":"2","name":"c"},{"$patch":"delete","uid":"1"}]},"status":{)"
      R"("conditions":[{"type":"Approved"}]}})";
  CHECK(
      apply_patch(PatchType::strategic, object, patch)->object ==
      R"({"metadata":{"ownerReferences":[{"name":"c","uid":"2"}]},"status":{"conditions":[{"type":"Approved"}]}})");
  CHECK(apply_patch(PatchType::strategic, R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
                    R"({"metadata":{"labels":{"$retainKeys":["b"],"b":"3"}}})")
            ->object == R"({"metadata":{"labels":{"b":"3"}}})");
  CHECK(apply_patch(PatchType::strategic, R"({"metadata":{"finalizers":["x/1","x/2"]}})",
                    R"({"metadata":{"$setElementOrder/finalizers":["x/2","x/1"]}})")
            ->object == R"({"metadata":{"finalizers":["x/2","x/1"]}})");
}
