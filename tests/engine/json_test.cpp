#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "engine/base64.hpp"
#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"
#include "tests/catch.hpp"

using namespace csrflow::engine;
using namespace std::literals;

namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

}  // namespace

TEST_CASE("strings are escaped as RFC 8259 asks, and no more") {
  CHECK(json_string("") == R"("")");
  CHECK(json_string("jane") == R"("jane")");
  CHECK(json_string("a\"b\\c/") == R"("a\"b\\c/")");
  CHECK(json_string("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(json_string("\x01\x1f\x7f\0"sv) == "\"\\u0001\\u001f\x7f\\u0000\"");
  CHECK(json_string("j\u00fcrgen \u20ac \U0001f511") == "\"j\u00fcrgen \u20ac \U0001f511\"");
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
  const std::string bad = "\xef\xbf\xbd";
  CHECK(json_string("a\xff"
                    "b") == "\"a" + bad + "b\"");
  CHECK(json_string("\xc3") == '"' + bad + '"');                                // cut short
  CHECK(json_string("\xc0\xaf") == '"' + bad + bad + '"');                      // overlong
  CHECK(json_string("\xed\xa0\x80") == '"' + bad + bad + bad + '"');            // surrogate
  CHECK(json_string("\xf4\x90\x80\x80") == '"' + bad + bad + bad + bad + '"');  // beyond U+10FFFF
  CHECK(json_string("\xe2\x82\"") == '"' + bad + bad + "\\\"\"");
}

TEST_CASE("whatever bytes a string had, a strict reader takes what was written") {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> byte(0, 255), length(0, 24), pick(0, 3);
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (int n = length(random); n > 0; --n)
      text += static_cast<char>(pick(random) == 0 ? byte(random) : byte(random) % 128);
    const std::string written = json_string(text);
    const auto parsed = nlohmann::json::parse(written).get<std::string>();  // throws on ill-formed UTF-8
    REQUIRE(JsonReader(written).text() == parsed);
    REQUIRE(json_string(parsed) == written);
  }
}

TEST_CASE("an object's members are separated by commas") {
  std::string out;
  {
    JsonObject json(out);
    json.text("a", "x");
    json.text_if("b", "");
    json.number("c", -5);
    json.boolean("d", true);
    const std::vector<std::string> list = {"p", "q\""};
    json.texts("e", list);
    json.base64("f", "jane");
    JsonObject nested(json.key("g"));
  }
  CHECK(out == R"({"a":"x","c":-5,"d":true,"e":["p","q\""],"f":"amFuZQ==","g":{}})");
}

TEST_CASE("base64 of RFC 4648") {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64(bytes) == text);
    CHECK(decode_base64(text) == bytes);
  }
  CHECK(base64("\xff\xfe\xfb") == "//77");
  CHECK(decode_base64("+/+/") == "\xfb\xff\xbf");
}

TEST_CASE("every byte string survives base64") {
  std::mt19937 random(11);
  std::uniform_int_distribution<int> byte(0, 255);
  std::string bytes;
  for (int n = 0; n < 300; ++n) {
    REQUIRE(decode_base64(base64(bytes)) == bytes);
    bytes += static_cast<char>(byte(random));
  }
}

TEST_CASE("line breaks in base64 are passed over only where Kubernetes does") {
  CHECK(decode_base64("Zm9v\nYmFy\r\n", LineBreaks::ignored) == "foobar");
  CHECK(decode_base64("Z\nm8\n=\n", LineBreaks::ignored) == "fo");
  CHECK(decode_base64("Zg=\r\n=", LineBreaks::ignored) == "f");
  CHECK_FALSE(decode_base64("Zm9v\n").has_value());
}

TEST_CASE("wrong base64 is refused in the words and at the place that Go reports") {
  const std::pair<const char*, int> vectors[] = {
      {"!!!!", 0},  {"====", 0},    {"x===", 1},        {"=AAA", 0},  {"A=AA", 1},
      {"AA=A", 2},  {"AA==A", 4},   {"AAA=AAAA", 4},    {"AAAAA", 4}, {"AAAAAA", 4},
      {"A=", 1},    {"A==", 1},     {"AA=", 3},         {"AA==", -1}, {"AAA=", -1},
      {"AAAA", -1}, {"AAAAAA=", 7}, {"YWJjZA=====", 8}, {"AAA A", 3}, {"AA-_", 2}};
  for (const auto& [text, place] : vectors) {
    INFO(text);
    const auto bytes = decode_base64(text, LineBreaks::ignored);
    CHECK(bytes.has_value() == (place < 0));
    if (place >= 0) {
      CHECK(bytes.error() == "illegal base64 data at input byte " + std::to_string(place));
    }
  }
}

TEST_CASE("the reader walks through an object's members in order") {
  JsonReader in(R"( { "text" : "a\u00fc\ud83d\udd11\n\/", "n":-12, "yes":true, "no":false, "none":null,
                      "list":["x","y"], "map":{"k":["v"]}, "raw":[ {"a" : 1.5e3 } ] } )");
  std::vector<std::string> seen;
  in.object([&](std::string_view key) {
    seen.emplace_back(key);
    if (key == "text") CHECK(in.text() == "a\u00fc\U0001f511\n/");
    if (key == "n") CHECK(in.integer() == -12);
    if (key == "yes") CHECK(in.boolean());
    if (key == "no") CHECK_FALSE(in.boolean());
    if (key == "none") CHECK(in.null());
    if (key == "list") CHECK(in.texts() == std::vector<std::string>{"x", "y"});
    if (key == "map") CHECK(in.texts_map() == std::map<std::string, std::vector<std::string>>{{"k", {"v"}}});
    if (key == "raw") CHECK(in.raw() == R"([{"a":1.5e3}])");
  });
  CHECK(seen.size() == 8);
}

TEST_CASE("a value of another shape is an error, not a default") {
  CHECK_THROWS_AS(JsonReader("1").text(), MalformedJson);
  CHECK_THROWS_AS(JsonReader("\"1\"").integer(), MalformedJson);
  CHECK_THROWS_AS(JsonReader("1.0").integer(), MalformedJson);
  CHECK_THROWS_AS(JsonReader("9223372036854775808").integer(), MalformedJson);
  CHECK(JsonReader("9223372036854775807").integer() == INT64_MAX);
  CHECK_THROWS_AS(JsonReader("null").boolean(), MalformedJson);
  CHECK_FALSE(JsonReader("0").null());
  CHECK_THROWS_WITH(JsonReader("[1]").texts(), "expected a string at /0");
}

TEST_CASE("nesting has a limit") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(JsonReader(nested(max_json_depth)).raw() == nested(max_json_depth));
  CHECK_THROWS_WITH(JsonReader(nested(max_json_depth + 1)), "nested too deeply");
  CHECK_THROWS_AS(JsonReader(nested(1'000'000)), MalformedJson);
}

TEST_CASE("a value is given back as it stood, without blanks and in its order") {
  const auto raw = [](std::string_view text) { return JsonReader(text).raw(); };
  CHECK(raw(R"( {"z":[1, -2.50,3e7 ,{}],"a":{"f:b":null,"f:a":[true,false]},"q":"\"\u00fc\n"} )") ==
        "{\"z\":[1,-2.50,3e7,{}],\"a\":{\"f:b\":null,\"f:a\":[true,false]},\"q\":\"\\\"\u00fc\\n\"}");
  CHECK(raw("18446744073709551615") == "18446744073709551615");
  CHECK_THROWS_AS(raw("{\"a\":1,}"), MalformedJson);
  CHECK_THROWS_AS(raw(""), MalformedJson);
}

TEST_CASE("an object with as many members as a request may hold is read in linear time") {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"\"";
  CHECK(JsonReader(text + '}').text_map().size() == 200'000);
}
