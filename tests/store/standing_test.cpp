// What the views say of the whole.
#include <numeric>

#include "store/forecast_source.hpp"
#include "store/standing_reader.hpp"
#include "store/timer_source.hpp"
#include "tests/catch.hpp"
#include "tests/store/paper_rules.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using Counts = std::map<std::string, std::uint64_t>;

StandingFigures figures(const Installation& it, engine::Timestamp now) {
  return StandingReader(it.directory.files()).read(now);
}
Counts counts(const Installation& it) {
  Counts found;
  for (const auto& count : figures(it, day_one).requests)
    found[count.signer + ' ' + count.state] = count.count;
  return found;
}
const DueTimers& of_kind(const StandingFigures& figures, const std::string& kind) {
  return *std::ranges::find(figures.timers, kind, &DueTimers::kind);
}
void sign(Installation& it, const std::string& name, const engine::Created& request) {
  it.commit({on(name, request)});
  it.commit({on(name, approved(name))});
  it.commit({on(name, issuing(name))});
  it.commit({on(name, signed_for(name))});
}

TEST_CASE("requests are counted by signer and state as they move on") {
  Installation it;
  it.start();
  it.commit({on("jane", created("jane")), on("joe", created("joe"))});
  CHECK(counts(it) == Counts{{"example.com/web pending", 2}});
  it.commit({on("jane", approved("jane"))});
  CHECK(counts(it) == Counts{{"example.com/web approved", 1}, {"example.com/web pending", 1}});
  it.commit({on("jane", issuing("jane")), on("jane", signed_for("jane"))});
  CHECK(counts(it) == Counts{{"example.com/web issued", 1}, {"example.com/web pending", 1}});
  it.commit({on("joe", deleted("joe")), on("jane", engine::Expired{uid_of("jane"), some_serial})});
  CHECK(counts(it) == Counts{{"example.com/web expired", 1}});
  it.commit({on("jane", deleted("jane"))});
  CHECK(counts(it).empty());
}

TEST_CASE("the counts are the same when they are made anew") {
  Installation it;
  it.start();
  it.jane_and_joe();
  const auto before = counts(it);
  it.stop();
  std::filesystem::remove(it.directory.files().views());
  it.start();
  CHECK_FALSE(before.empty());
  CHECK(counts(it) == before);
}

TEST_CASE("every kind of timer has a figure, and jobs and deliveries that there are none of are 0") {
  Installation it;
  it.start();
  const auto now = figures(it, day_one);
  CHECK(of_kind(now, "rotate-overdue").due == 0);
  CHECK(of_kind(now, "outbox").due == 0);
  CHECK(of_kind(now, "ca-stop").due == 0);
  CHECK(now.deliveries.waiting + now.deliveries.dead + now.jobs_running == 0);
  it.commit({on("jane", renewing("jane")), on("jane", approved("jane")), on("jane", issuing("jane")),
             on("jane", signed_for("jane"))});
  CHECK(of_kind(figures(it, day_ninety), "rotate-overdue").late == 1);
}

TEST_CASE("timers that are due, and late") {
  Installation it;
  it.start();
  sign(it, "jane", created("jane"));
  const auto end = day_ninety + engine::seconds(1);
  CHECK(of_kind(figures(it, end - engine::seconds(1)), "expire").due == 0);
  const auto now_due = figures(it, end);
  CHECK(of_kind(now_due, "expire").due == 1);
  CHECK(of_kind(now_due, "expire").late == 0);
  CHECK(now_due.oldest_due == end);
  CHECK(of_kind(figures(it, end + late_after), "expire").late == 1);
  CHECK(of_kind(now_due, "rotate").due == 0);
}

TEST_CASE("the next expiry is that of a certificate without a successor") {
  Installation it;
  it.start();
  CHECK_FALSE(figures(it, day_one).next_expiry);
  sign(it, "jane", renewing("jane"));
  CHECK(figures(it, day_one).next_expiry == day_ninety);
  CHECK_FALSE(figures(it, day_ninety).next_expiry);
  it.commit({on("jane-2", successor("jane-2", "jane"))});
  CHECK(figures(it, day_one).next_expiry == day_ninety);
  it.commit({on("jane", rotated("jane", "jane-2"))});
  CHECK_FALSE(figures(it, day_one).next_expiry);
}

TEST_CASE("the forecast tells what rotates from what only ends") {
  Installation it;
  it.start();
  sign(it, "jane", renewing("jane"));
  sign(it, "joe", created("joe"));
  const auto made = read_forecast(it.directory.files(), day_one, 365);
  CHECK(made.position == engine::Position{8});
  CHECK(made.certificates == 2);
  CHECK(made.unattended == 1);
  // At 54 to 67.5 days, and every 60.75 days from then on: five or six times a year.
  CHECK(made.rotations() >= 5);
  CHECK(made.rotations() <= 6);
  const auto first = std::ranges::find_if(made.days, [](const auto& day) { return day.rotations > 0; });
  const auto index = first - made.days.begin();
  CHECK(index >= 54);
  CHECK(index <= 68);
  CHECK(made.days[90].expiring == 2);
  CHECK(made.days[90].unattended == 1);
}

engine::Created by(const std::string& signer, engine::Created event) {
  auto spec = *event.object.spec;
  spec.signer_name = {signer};
  event.object.spec = std::make_shared<const engine::CsrSpec>(std::move(spec));
  return event;
}

TEST_CASE("the forecast follows rotation policies, and tells signers apart") {
  Installation it;
  it.options.rules = paper_rules(it.log);
  it.start();
  sign(it, "web-1", created("web-1"));
  sign(it, "mail-1", by("example.com/mail", created("mail-1")));
  it.commit({policy("web", "example.com/web", 800'000)});
  sign(it, "web-2", created("web-2"));
  const auto made = read_forecast(it.directory.files(), day_one, 365);
  const auto& web = made.signers.at("example.com/web");
  const auto& mail = made.signers.at("example.com/mail");
  CHECK(web.certificates == 2);
  CHECK(web.unattended == 0);
  // From 80 to 90 % of 90 days, and about every 74 days from then on.
  CHECK(std::accumulate(web.rotations.begin(), web.rotations.begin() + 72, 0U) == 0);
  CHECK(std::accumulate(web.rotations.begin(), web.rotations.begin() + 82, 0U) == 2);
  CHECK(web.all_rotations() == 8);
  CHECK(web.busiest_minute >= 1);
  CHECK(mail.unattended == 1);
  CHECK(mail.all_rotations() == 0);
  CHECK(made.unattended == 1);
  CHECK(made.days[90].unattended == 1);
}

TEST_CASE("a certificate whose successor is under way has a rotation, one that was given up none") {
  Installation it;
  it.start();
  sign(it, "jane", renewing("jane"));
  it.commit({on("jane",
                engine::RotationDue{
                    .uid = uid_of("jane"), .serial = some_serial, .cause = {4}, .successor = "jane-2"}),
             on("jane-2", successor("jane-2", "jane"))});
  it.tamper("DELETE FROM timer WHERE kind = 'rotate-overdue'");
  CHECK(read_forecast(it.directory.files(), day_one, 365).unattended == 0);
  it.tamper("DELETE FROM lineage");
  CHECK(read_forecast(it.directory.files(), day_one, 365).unattended == 1);
}

TEST_CASE("a certificate that ended in the same second as its namesake of before is counted once") {
  Installation it;
  it.start();
  sign(it, "jane", renewing("jane"));
  it.commit({on("jane", deleted("jane"))});
  sign(it, "jane", renewing("jane"));
  const auto made = read_forecast(it.directory.files(), day_one, 70);
  CHECK(made.rotations() == 1);
}

TEST_CASE("what the forecast says of the first day is what becomes due in it, hour by hour") {
  Installation it;
  it.options.rules = paper_rules(it.log);
  it.start();
  it.commit({policy("web", "example.com/web", 500'000)});
  for (int i = 0; i < 200; ++i) sign(it, "web-" + std::to_string(i), created("web-" + std::to_string(i)));
  constexpr std::int64_t day = 86'400'000'000;
  const engine::Timestamp some_day = day_one + engine::seconds(60 * 86'400);
  const engine::Timestamp midnight{some_day.microseconds / day * day};
  const auto rotations = [](const std::vector<engine::Timer>& timers) {
    return std::ranges::count(timers, engine::TimerKind::rotate, &engine::Timer::kind);
  };
  SqliteTimerSource source(it.directory.files(), *it.views, it.log.reader());
  engine::DueCursor cursor;
  source.newly_due(cursor, midnight - engine::Duration{1}, 10'000);
  std::int64_t fired = 0;
  for (int hour = 0; hour < 24; ++hour) {
    const auto now = midnight + engine::seconds(hour * 3600 + 3599) + engine::Duration{999'999};
    fired += rotations(source.newly_due(cursor, now, 10'000));
  }
  CHECK(fired > 0);
  auto forecast = read_forecast(it.directory.files(), midnight, 1);
  // What was due before, and was not done since nobody did it, is made up for on that day, too.
  const auto overdue = rotations(source.due(midnight - engine::Duration{1}, 10'000));
  CHECK(forecast.rotations() == static_cast<std::uint64_t>(fired + overdue));
}

TEST_CASE("without views that can be trusted there is no forecast") {
  Installation it;
  it.start();
  it.stop();
  it.tamper("UPDATE reached SET clean = 0, boot = 'another'");
  CHECK_THROWS_WITH(read_forecast(it.directory.files(), day_one, 10),
                    Catch::Contains("the machine went down while it was open"));
}

}  // namespace
}  // namespace csrflow::store
