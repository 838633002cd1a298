// What is next for a certificate, as a function of values.
#include "agent/keeper.hpp"

#include <random>

#include "engine/rotation_plan.hpp"
#include "tests/catch.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::agent {
namespace {

using engine::from_seconds;
using engine::seconds;
using engine::Timestamp;

constexpr std::int64_t hour = 3600, day = 24 * hour;
const Timestamp issued = from_seconds(1'772'366'400);  // 2026-03-01T12:00:00Z
const Timestamp expiry = issued + seconds(day - 1);

Keeping web() {
  return {.name = "web-1", .digest = "wanted", .rotation = {}};
}
Serving certificate() {
  return {
      .serial = {"\x01"}, .not_before = issued, .not_after = expiry, .issued_at = issued, .request = "jane"};
}

/// `given(…).then(…)`: what lies on the host, and the step at a moment.
struct Given {
  Held held;
  Heard heard;
  Standing standing = Standing::certificate;
  Keeping keeping = web();

  Given& serving() {
    held.serving = certificate();
    held.serving_digest = "wanted";
    return *this;
  }
  Given& asked(bool swapped = false) {
    held.pending = Underway{"web-1-0123456789ab", swapped};
    held.pending_digest = "wanted";
    return *this;
  }
  Given& failed(std::uint32_t attempts, Timestamp at) {
    held.attempts = attempts;
    held.failed_at = at;
    return *this;
  }
  Given& says(Fate fate, std::string reason = {}) {
    heard.pending = fate;
    heard.reason = std::move(reason);
    return *this;
  }
  Given& as(Standing who) {
    standing = who;
    return *this;
  }
  Step at(Timestamp now) const { return next_step(keeping, held, heard, standing, now, test::sha256); }
};
Given given() {
  return {};
}

template <class Wanted>
bool is(const Step& step) {
  return std::holds_alternative<Wanted>(step);
}
Timestamp rests_until(const Step& step) {
  REQUIRE(is<Rest>(step));
  return std::get<Rest>(step).until;
}

}  // namespace

TEST_CASE("a certificate that is not there is asked for at once") {
  CHECK(given().at(issued) == Step(Ask{"there is none yet", ""}));
}

TEST_CASE("a certificate rests until the instant that the server computes, too") {
  // Row 4 of the rotation's worked examples: stream csr/jane, serial 01, 24 hours.
  const auto due = engine::parse_rfc3339("2026-03-02T04:44:04.752055Z").value();
  const auto step = given().serving().at(issued + seconds(hour));
  CHECK(rests_until(step) == due);
  CHECK(is<Rest>(given().serving().at(Timestamp{due.microseconds - 1})));
  CHECK(given().serving().at(due) == Step(Ask{"its rotation is due", "jane"}));
}

TEST_CASE("the server's plan and the agent's timer are the same instant, for any certificate") {
  const auto seed = GENERATE(range(1, 200));
  INFO("seed " << seed);
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  const auto draw = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random);
  };
  const Timestamp begin = from_seconds(draw(1'700'000'000, 1'900'000'000));
  const auto lifetime = draw(1, 400 * day);
  const auto backdate = draw(0, 300);
  Serving serving{.serial = {std::string(16, static_cast<char>(draw(0, 255)))},
                  .not_before = begin - seconds(backdate),
                  .not_after = begin + seconds(lifetime),
                  .issued_at = begin + engine::Duration{draw(0, 999'999)},
                  .request = "web-" + std::to_string(draw(1, 1'000'000))};
  const auto plan = engine::plan_rotation({},
                                          {.stream = engine::csr_stream(serving.request),
                                           .serial = serving.serial,
                                           .validity = serving.validity()},
                                          test::sha256);
  CHECK(rotation_due(web(), serving, test::sha256) == plan.due);
}

TEST_CASE("the server may pull a rotation forward") {
  auto host = given().serving();
  host.heard.rotation_due = true;
  CHECK(host.at(issued + seconds(60)) == Step(Ask{"the server says that its rotation is due", "jane"}));
}

TEST_CASE("a changed configuration asks at once, and drops what it had asked for") {
  auto host = given().serving();
  host.keeping.digest = "other";
  CHECK(host.at(issued + seconds(60)) == Step(Ask{"the configuration has changed", "jane"}));
  host.asked();
  const auto step = host.at(issued + seconds(60));
  REQUIRE(is<Abandon>(step));
  CHECK_FALSE(std::get<Abandon>(step).failed);
}

TEST_CASE("a pending request is taken up after a restart, never made again") {
  CHECK(is<TakeUp>(given().asked().at(issued)));
  CHECK(is<TakeUp>(given().asked().says(Fate::absent).at(issued)));
  CHECK(rests_until(given().asked().says(Fate::waiting).at(issued)) == never);
  CHECK(is<Install>(given().asked().says(Fate::issued).at(issued)));
  CHECK(is<Finish>(given().asked(true).at(issued)));
}

TEST_CASE("a request that was denied, failed or deleted is an attempt, and the next one waits") {
  for (const Fate fate : {Fate::denied, Fate::failed, Fate::deleted}) {
    const auto step = given().serving().asked().says(fate, "no").at(issued);
    REQUIRE(is<Abandon>(step));
    CHECK(std::get<Abandon>(step).failed);
  }
  const Timestamp late = expiry - seconds(10'000);
  auto host = given().serving().failed(3, late);
  const auto wait =
      engine::retry_wait(engine::csr_stream("jane"), {"\x01"}, 3, seconds(10'000), test::sha256);
  CHECK(rests_until(host.at(late)) == late + wait);
  CHECK(is<Ask>(host.at(late + wait)));
}

TEST_CASE("an install that failed is tried again after a while, with the same certificate") {
  auto host = given().serving().asked().says(Fate::issued).failed(1, issued);
  const Timestamp retry = rests_until(host.at(issued));
  CHECK(retry > issued + seconds(26));
  CHECK(retry < issued + seconds(34));
  CHECK(is<Install>(host.at(retry)));
}

TEST_CASE("waits leave room for eight tries, at any moment before the end") {
  for (const std::int64_t left : {20'000, 10'000, 1'000, 100, 20}) {
    const Timestamp now = expiry - seconds(left);
    const auto host = given().serving().failed(30, now);
    CHECK((rests_until(host.at(now)) - now).microseconds <=
          std::max<std::int64_t>(left * 1'100'000 / 8, 1'000'000));
  }
}

TEST_CASE("as whom the agent asks") {
  const Serving own = certificate();
  const Timestamp before = expiry - seconds(1), after = expiry;
  const Identity none;
  CHECK(standing_of(none, before) == Standing::nobody);
  CHECK(standing_of({.token = true}, before) == Standing::token);
  CHECK(standing_of({.configured = true, .itself = true, .serving = {}, .token = true}, before) ==
        Standing::token);
  CHECK(standing_of({.configured = true, .itself = false, .serving = {}, .token = true}, before) ==
        Standing::awaiting_identity);
  CHECK(standing_of({.configured = true, .itself = false, .serving = own}, before) == Standing::certificate);
  CHECK(standing_of({.configured = true, .itself = true, .serving = own, .token = true}, after) ==
        Standing::expired_certificate);
  CHECK(standing_of({.configured = true, .itself = false, .serving = own}, after) ==
        Standing::awaiting_identity);
}

TEST_CASE("an expired identity has the grace of its lifetime, seven days at most") {
  const Serving own = certificate();
  CHECK(grace_end(own.validity()) == expiry + seconds(day));
  engine::Validity year{.begin = issued, .not_after = issued + seconds(365 * day)};
  CHECK(grace_end(year) == year.not_after + seconds(7 * day));
  const Identity expired{.configured = true, .itself = true, .serving = own};
  CHECK(standing_of(expired, expiry + seconds(day - 1)) == Standing::expired_certificate);
  CHECK(standing_of(expired, expiry + seconds(day)) == Standing::nobody);
  Identity refused = expired;
  refused.rekey_refused = true;
  CHECK(standing_of(refused, expiry) == Standing::nobody);
  refused.token = true;
  CHECK(standing_of(refused, expiry) == Standing::token);
}

TEST_CASE("an expired certificate asks for its successor with both keys; other certificates wait for it") {
  CHECK(is<Rekey>(given().serving().as(Standing::expired_certificate).at(expiry)));
  CHECK(is<Rekey>(given().serving().asked().as(Standing::expired_certificate).at(expiry)));
  CHECK(rests_until(given().as(Standing::awaiting_identity).at(expiry)) == never);
  CHECK(is<GiveUp>(given().serving().as(Standing::nobody).at(expiry)));
  CHECK(is<Rest>(given().serving().as(Standing::nobody).at(issued)));  // it serves; nobody is needed
}

TEST_CASE("whatever the values, what serves is never dropped and no step is due in the past") {
  const auto seed = GENERATE(range(1, 400));
  INFO("seed " << seed);
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  const auto draw = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random);
  };
  Given host;
  if (draw(0, 3) > 0) host.serving();
  if (draw(0, 1) == 1) host.asked(draw(0, 3) == 0);
  if (draw(0, 4) == 0) host.keeping.digest = "other";
  host.says(static_cast<Fate>(draw(0, 6))).as(static_cast<Standing>(draw(0, 4)));
  host.heard.rotation_due = draw(0, 4) == 0;
  const Timestamp now = issued + seconds(draw(0, 10 * day));
  if (draw(0, 1) == 1) host.failed(static_cast<std::uint32_t>(draw(1, 100)), now - seconds(draw(0, day)));
  const Step step = host.at(now);
  if (is<Rest>(step)) CHECK(rests_until(step) > now);
  if (is<Ask>(step)) CHECK_FALSE(host.held.pending);
  if (is<Rekey>(step)) CHECK(host.standing == Standing::expired_certificate);
  if (is<Abandon>(step) || is<Install>(step) || is<Finish>(step) || is<TakeUp>(step))
    CHECK(host.held.pending);
  if (host.held.pending && host.held.pending->swapped) CHECK((is<Finish>(step) || is<Rest>(step)));
}

TEST_CASE("connections are tried again from a second to five minutes apart, sooner near an expiry") {
  CHECK(connection_wait("web-1", 1, std::nullopt, test::sha256) < seconds(2));
  CHECK(connection_wait("web-1", 100, std::nullopt, test::sha256) <= seconds(330));
  CHECK(connection_wait("web-1", 100, std::nullopt, test::sha256) >= seconds(270));
  CHECK(connection_wait("web-1", 100, seconds(80), test::sha256) <= seconds(11));
  CHECK(connection_wait("web-1", 100, seconds(-5), test::sha256) >= seconds(270));
}

TEST_CASE("a certificate is at risk in the last tenth of its life") {
  CHECK(health_of(std::nullopt, issued) == Health::missing);
  CHECK(health_of(certificate(), expiry - seconds(8'641)) == Health::valid);
  CHECK(health_of(certificate(), expiry - seconds(8'640)) == Health::at_risk);
  CHECK(health_of(certificate(), expiry) == Health::expired);
}

}  // namespace csrflow::agent
