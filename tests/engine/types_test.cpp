#include "engine/types.hpp"

#include <random>

#include "tests/catch.hpp"

using namespace csrflow::engine;

namespace {

std::int64_t micros(std::string_view text) {
  const auto time = parse_rfc3339(text);
  INFO(text);
  REQUIRE(time.has_value());
  return time->microseconds;
}

}  // namespace

TEST_CASE("times are printed in UTC, with or without their fraction") {
  const Timestamp t{1'767'323'045'000'006};
  CHECK(rfc3339_seconds(t) == "2026-01-02T03:04:05Z");
  CHECK(rfc3339_micro(t) == "2026-01-02T03:04:05.000006Z");
  CHECK(rfc3339_micro({0}) == "1970-01-01T00:00:00.000000Z");
  CHECK(rfc3339_micro({-1}) == "1969-12-31T23:59:59.999999Z");
  CHECK(rfc3339_seconds(from_seconds(253'402'300'799)) == "9999-12-31T23:59:59Z");
}

TEST_CASE("times are read with any offset, and cut to microseconds") {
  CHECK(micros("1970-01-01T00:00:00Z") == 0);
  CHECK(micros("2026-01-02T03:04:05.000006Z") == 1'767'323'045'000'006);
  CHECK(micros("2026-01-02T03:04:05.5Z") == 1'767'323'045'500'000);
  CHECK(micros("2026-01-02T03:04:05.1234569Z") == 1'767'323'045'123'456);
  CHECK(micros("2026-01-02T05:04:05+02:00") == 1'767'323'045'000'000);
  CHECK(micros("2026-01-01T21:34:05.25-05:30") == 1'767'323'045'250'000);
  CHECK(micros("2000-02-29T00:00:00Z") == 951'782'400'000'000);
  CHECK(micros("1969-12-31T23:59:59.999999Z") == -1);
}

TEST_CASE("what is not an RFC 3339 time is refused") {
  for (const char* text : {"",
                           "2026",
                           "2026-01-02",
                           "2026-01-02 03:04:05Z",
                           "2026-01-02T03:04:05",
                           "2026-01-02T03:04:05z",
                           "2026-01-02t03:04:05Z",
                           "2026-1-02T03:04:05Z",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-32T00:00:00Z",
                           "2026-01-02T24:00:00Z",
                           "2026-01-02T03:60:00Z",
                           "2026-01-02T03:04:60Z",
                           "2026-01-02T03:04:05.Z",
                           "2026-01-02T03:04:05,5Z",
                           "2026-01-02T03:04:05+2:00",
                           "2026-01-02T03:04:05+0200",
                           "2026-01-02T03:04:05+24:00",
                           "2026-01-02T03:04:05+02:60",
                           "2026-01-02T03:04:05ZZ",
                           "2026-01-02T03:04:05Z ",
                           " 2026-01-02T03:04:05Z",
                           "+026-01-02T03:04:05Z",
                           "2026-01-02T03:04:05.5",
                           "nonsense"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
}

TEST_CASE("every printed time is read back") {
  std::mt19937_64 random(20260101);
  std::uniform_int_distribution<std::int64_t> any(-62'167'219'200'000'000, 253'402'300'799'999'999);
  for (int i = 0; i < 2000; ++i) {
    const Timestamp t{any(random)};
    REQUIRE(parse_rfc3339(rfc3339_micro(t)) == t);
    REQUIRE(parse_rfc3339(rfc3339_seconds(t))->microseconds / 1'000'000 * 1'000'000 <= t.microseconds);
  }
}

TEST_CASE("a stream's name is percent-encoded") {
  CHECK(csr_stream("jane").text == "csr/jane");
  CHECK(stream_of("signer", "example.com/web").text == "signer/example.com%2Fweb");
  CHECK(csr_stream("A-z_0.9~").text == "csr/A-z_0.9~");
  CHECK(csr_stream("node:csr 1%").text == "csr/node%3Acsr%201%25");
  CHECK(csr_stream("j\xc3\xbcrgen").text == "csr/j%C3%BCrgen");
}

TEST_CASE("a stream knows its category and its decoded name") {
  for (const char* name : {"jane", "example.com/web", "j\xc3\xbcrgen", "100%", "%2F", "a b"}) {
    const StreamId stream = csr_stream(name);
    CHECK(stream.category() == "csr");
    CHECK(stream.name() == name);
  }
  CHECK(StreamId{"log/events"}.category() == "log");
  CHECK(StreamId{"log/events"}.name() == "events");
  CHECK(StreamId{"log"}.category() == "log");
  const StreamId role = stream_of("rbac/clusterroles", "system:a/b");
  CHECK(role.text == "rbac/clusterroles/system%3Aa%2Fb");
  CHECK(role.category() == "rbac");
  CHECK(role.collection() == "rbac/clusterroles");
  CHECK(role.name() == "system:a/b");
  CHECK(csr_stream("a/b").collection() == "csr");
  CHECK(StreamId{"log"}.name().empty());
  CHECK(StreamId{"csr/50%"}.name() == "50%");
}

TEST_CASE("a uid is a random UUID of version 4") {
  std::array<std::uint8_t, 16> random{};
  CHECK(make_uid(random).text == "00000000-0000-4000-8000-000000000000");
  random.fill(0xff);
  CHECK(make_uid(random).text == "ffffffff-ffff-4fff-bfff-ffffffffffff");
  for (std::size_t i = 0; i < 16; ++i) random[i] = static_cast<std::uint8_t>(0x10 * i + i);
  CHECK(make_uid(random).text == "00112233-4455-4677-8899-aabbccddeeff");
}

TEST_CASE("hexadecimal is written in lower case and read in both") {
  CHECK(to_hex(std::string_view("\x00\xa1\xff", 3)) == "00a1ff");
  CHECK(from_hex("00a1FF") == std::string("\x00\xa1\xff", 3));
  CHECK(from_hex("") == "");
  CHECK_FALSE(from_hex("0").has_value());
  CHECK_FALSE(from_hex("0g").has_value());
  CHECK(Serial{std::string("\x00\xa1", 2)}.hex() == "00a1");
}
