// What Go's time.Parse(time.RFC3339, …) says, row by row.
#include "api/body.hpp"
#include "api/go_time.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

struct Row {
  const char* text;
  std::int64_t microseconds;
  const char* problem;
};

const Row rows[] = {
    {"2020-01-01T1:02:03Z", 1577840523000000, ""},
    {"2020-01-01T01:02:03,5Z", 1577840523500000, ""},
    {"2020-01-01T01:02:03.Z", 0,
     "parsing time \"2020-01-01T01:02:03.Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \".Z\" as "
     "\"Z07:00\""},
    {"2020-01-01t01:02:03Z", 0,
     "parsing time \"2020-01-01t01:02:03Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"t01:02:03Z\" as "
     "\"T\""},
    {"2020-01-01T01:02:03z", 0,
     "parsing time \"2020-01-01T01:02:03z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"z\" as "
     "\"Z07:00\""},
    {"2020-01-01T01:02:03", 0,
     "parsing time \"2020-01-01T01:02:03\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as "
     "\"Z07:00\""},
    {"2020-01-01T01:02:03+24:00", 1577754123000000, ""},
    {"2020-01-01T01:02:03+25:00", 0,
     "parsing time \"2020-01-01T01:02:03+25:00\": time zone offset hour out of range"},
    {"2020-01-01T01:02:03+23:61", 0,
     "parsing time \"2020-01-01T01:02:03+23:61\": time zone offset minute out of range"},
    {"2020-01-01T01:02:03-23:60", 1577926923000000, ""},
    {"2020-02-30T01:02:03Z", 0, "parsing time \"2020-02-30T01:02:03Z\": day out of range"},
    {"2020-13-01T01:02:03Z", 0, "parsing time \"2020-13-01T01:02:03Z\": month out of range"},
    {"2020-1-01T01:02:03Z", 0,
     "parsing time \"2020-1-01T01:02:03Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"1-01T01:02:03Z\" "
     "as \"01\""},
    {"2020-01-01T24:02:03Z", 0, "parsing time \"2020-01-01T24:02:03Z\": hour out of range"},
    {"2020-01-01T01:60:03Z", 0, "parsing time \"2020-01-01T01:60:03Z\": minute out of range"},
    {"2020-01-01T01:02:60Z", 0, "parsing time \"2020-01-01T01:02:60Z\": second out of range"},
    {"2020-01-01T01:02:03Zx", 0, "parsing time \"2020-01-01T01:02:03Zx\": extra text: \"x\""},
    {"x", 0, "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\""},
    {"", 0, "parsing time \"\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"2006\""},
    {"0001-01-01T00:00:00Z", -62135596800000000, ""},
    {"0000-01-01T00:00:00Z", -62167219200000000, ""},
    {"9999-12-31T23:59:59.999999999Z", 253402300799999999, ""},
    {"2020-01-01T01:2:03Z", 0,
     "parsing time \"2020-01-01T01:2:03Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"2:03Z\" as "
     "\"04\""},
    {"2020-01-01T:02:03Z", 0,
     "parsing time \"2020-01-01T:02:03Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \":02:03Z\" as "
     "\"15\""},
    {"2020-01-01T012:02:03Z", 0,
     "parsing time \"2020-01-01T012:02:03Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"2:02:03Z\" as "
     "\":\""},
    {"2020-01-00T01:02:03Z", 0, "parsing time \"2020-01-00T01:02:03Z\": day out of range"},
    {"2020-01-01T01:02:03+0a:00", 0,
     "parsing time \"2020-01-01T01:02:03+0a:00\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"+0a:00\" "
     "as \"Z07:00\""},
    {"2020-01-01T01:02:03+01:0", 0,
     "parsing time \"2020-01-01T01:02:03+01:0\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"+01:0\" as "
     "\"Z07:00\""},
    {"2020-01-01 01:02:03Z", 0,
     "parsing time \"2020-01-01 01:02:03Z\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \" 01:02:03Z\" as "
     "\"T\""},
    {"2020-00-01T01:02:03Z", 0, "parsing time \"2020-00-01T01:02:03Z\": month out of range"},
    {"2020-01-32T01:02:03Z", 0, "parsing time \"2020-01-32T01:02:03Z\": day out of range"},
    {"2020-01-01T25:02:03Zfoo", 0, "parsing time \"2020-01-01T25:02:03Zfoo\": hour out of range"},
    {"2020-02-30T01:02:03Zfoo", 0, "parsing time \"2020-02-30T01:02:03Zfoo\": extra text: \"foo\""},
    {"2020-01-01T01:02:03+0100", 0,
     "parsing time \"2020-01-01T01:02:03+0100\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"+0100\" as "
     "\"Z07:00\""},
};

TEST_CASE("times are read as Go reads them") {
  for (const Row& row : rows) {
    INFO(row.text);
    const auto time = parse_go_time(row.text);
    if (*row.problem) {
      REQUIRE_FALSE(time.has_value());
      CHECK(time.error() == row.problem);
    } else {
      REQUIRE(time.has_value());
      CHECK(time->microseconds == row.microseconds);
    }
  }
}

TEST_CASE("bytes may be a list of numbers, as Go reads them") {
  const auto request = [](const std::string& list) {
    return decode_csr(Format::json, R"({"spec":{"request":)" + list + "}}", FieldValidation::strict);
  };
  CHECK(request("[65,null,66]")->spec.request == std::string("A\0B", 3));
  CHECK(request("[]")->spec.request.empty());
  CHECK(request("[]")->request_present);
  for (const char* list : {"[300]", "[-1]", "[1.5]", "[\"a\"]", "[[]]"}) {
    INFO(list);
    REQUIRE_FALSE(request(list));
    CHECK(request(list).error().code == 400);
    CHECK_THAT(request(list).error().message, Catch::EndsWith("spec.request of type uint8"));
  }
}

}  // namespace
}  // namespace csrflow::api
