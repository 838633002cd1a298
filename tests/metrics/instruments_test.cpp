// What is counted, and how far labels go.
#include <thread>

#include "engine/streams.hpp"
#include "metrics/event_meter.hpp"
#include "metrics/http_meter.hpp"
#include "tests/catch.hpp"

namespace csrflow::metrics {
namespace {

using namespace std::chrono_literals;

/// A record as the writer makes it, folded over `before`.
engine::Record record(engine::CsrEvent event, const engine::CsrState& before = {},
                      engine::Timestamp at = engine::from_seconds(1'790'000'000)) {
  auto from = std::make_shared<const engine::State>(before);
  engine::Stamp stamp{.position = {before.version.value + 1},
                      .stream = engine::csr_stream("jane"),
                      .version = {before.version.value + 1},
                      .recorded_at = at};
  return make_record(stamp, std::make_shared<const engine::Context>(), std::move(event), from);
}
engine::Created created(const std::string& signer) {
  engine::Created event;
  event.object.meta.uid = {"u"};
  auto spec = std::make_shared<engine::CsrSpec>();
  spec->signer_name = {signer};
  event.object.spec = spec;
  return event;
}
void commit(EventMeter& meter, std::vector<engine::Record> records) {
  meter.committed(std::make_shared<const engine::Batch>(std::move(records)));
}

TEST_CASE("a time is in the first bucket that is no shorter") {
  Histogram histogram;
  histogram.observe(100us);
  histogram.observe(101us);
  histogram.observe(20s);
  const auto shown = histogram.shown();
  CHECK(shown.cumulative.size() == bucket_bounds.size() + 1);
  CHECK(shown.cumulative[0] == 1);
  CHECK(shown.cumulative[1] == 2);
  CHECK(shown.cumulative[bucket_bounds.size() - 1] == 2);
  CHECK(shown.count() == 3);
  CHECK(shown.sum == Approx(20.000201));
}

TEST_CASE("threads that count at once lose nothing") {
  HttpMeter meter({"pods"});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < 10'000; ++n) meter.answered("get", "pods", 200);
      });
  }
  REQUIRE(meter.answers().size() == 1);
  CHECK(meter.answers().front().count == 40'000);
}

TEST_CASE("what is not known is `other`, and no resource is an empty one") {
  HttpMeter meter({"pods", "nodes"});
  meter.answered("list", "pods", 200);
  meter.answered("get", "", 200);
  meter.answered("BREW", "teapots", 418);
  meter.answered("BREW", "kettles", 299);
  meter.took("BREW", 1ms);
  std::vector<std::string> found;
  for (const auto& a : meter.answers())
    found.push_back(a.verb + '/' + a.resource + '/' + a.code + '=' + std::to_string(a.count));
  CHECK_THAT(found, Catch::UnorderedEquals(
                        std::vector<std::string>{"list/pods/200=1", "get//200=1", "other/other/other=2"}));
  REQUIRE(meter.times().size() == 1);
  CHECK(meter.times().front().verb == "other");
}

TEST_CASE("events of requests are counted by their signer; of many signers the later ones share a label") {
  EventMeter meter;
  for (std::size_t i = 0; i < most_signer_labels + 10; ++i)
    commit(meter, {record(created("example.com/" + std::to_string(i))), record(created("example.com/0"))});
  const auto counts = meter.request_events();
  CHECK(counts.size() == most_signer_labels + 1);
  CHECK(counts.at({"example.com/0", "created"}) == most_signer_labels + 11);
  CHECK(counts.at({"other", "created"}) == 10);
  CHECK(meter.commits() == most_signer_labels + 10);
  CHECK(meter.events() == 2 * (most_signer_labels + 10));
}

TEST_CASE("an issuance takes from the approval to the certificate; one from elsewhere does not count") {
  EventMeter meter;
  const auto made = record(created("example.com/web"));
  engine::Approved approval{.uid = {"u"}};
  approval.object.conditions = std::vector{engine::Condition{.type = "Approved", .status = "True"}};
  const auto approved = record(approval, *made.csr_after());
  engine::Signed signature{.uid = {"u"}, .object = engine::ObjectChange{.certificate = "PEM"}};
  const auto later = engine::from_seconds(1'790'000'002);
  commit(meter, {record(signature, *approved.csr_after(), later)});
  CHECK(meter.issuance().shown().count() == 1);
  CHECK(meter.issuance().shown().sum == Approx(2));
  signature.foreign = true;
  commit(meter, {record(signature, *approved.csr_after(), later)});
  CHECK(meter.issuance().shown().count() == 1);
}

TEST_CASE("steps of rotations are counted apart") {
  EventMeter meter;
  commit(meter, {record(engine::RotationDue{}), record(engine::RotationFailed{}),
                 record(engine::RotationDue{}), record(engine::Rotated{})});
  CHECK(meter.rotations() == std::map<std::string, std::uint64_t>{{"due", 2}, {"failed", 1}, {"rotated", 1}});
  CHECK(meter.request_events().empty());
}

}  // namespace
}  // namespace csrflow::metrics
