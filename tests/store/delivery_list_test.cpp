#include "store/delivery_list.hpp"

#include "tests/catch.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

Happening happens(std::uint64_t cause, engine::DeliveryEvent event) {
  return {engine::delivery_stream("ops", {cause}), std::move(event)};
}
Happening delivered(std::uint64_t cause) {
  return happens(cause, engine::Delivered{1});
}
Happening failed(std::uint64_t cause, bool dead) {
  return happens(cause, engine::DeliveryFailed{1, "410 Gone", dead});
}

Texts shown(const DeliveryList& list) {
  Texts texts;
  for (const auto& [stream, state] : list.deliveries)
    texts.push_back(state.queued->notification.id + (state.delivered ? " delivered"
                                                     : state.dead    ? " dead"
                                                                     : " waiting"));
  return texts;
}
Texts open(const Installation& it) {
  const auto list = list_deliveries(it.directory.files(), WhichDeliveries::open);
  CHECK(list.read_all_because.empty());
  return shown(list);
}

TEST_CASE("what is delivered goes from the list of what is open") {
  Installation it;
  it.start();
  it.commit({news_for_ops(9), news_for_ops(10), news_for_ops(11), news_for_ops(12)});
  it.commit({delivered(9), failed(10, false), failed(11, true)});
  CHECK(open(it) == Texts{"ops/10 waiting", "ops/11 dead", "ops/12 waiting"});
  CHECK(shown(list_deliveries(it.directory.files(), WhichDeliveries::all)) ==
        Texts{"ops/9 delivered", "ops/10 waiting", "ops/11 dead", "ops/12 waiting"});
  CHECK(it.ask("SELECT group_concat(stream || dead, ' ') FROM open_delivery") ==
        "delivery/ops/100 delivery/ops/111 delivery/ops/120");

  it.commit({happens(11, engine::Requeued{"jane"}), delivered(10), delivered(12)});
  CHECK(open(it) == Texts{"ops/11 waiting"});
  CHECK(it.ask("SELECT group_concat(stream || dead, ' ') FROM open_delivery") == "delivery/ops/110");
}

TEST_CASE("deliveries that the view does not show yet come from the log") {
  Installation it;
  it.start();
  it.commit({news_for_ops(9), news_for_ops(10)});
  // Committed, and not yet followed.
  it.history.commit({delivered(9), news_for_ops(11)});
  it.history.commit({failed(11, true)});
  CHECK(open(it) == Texts{"ops/10 waiting", "ops/11 dead"});
}

TEST_CASE("without a view all deliveries are read") {
  Installation it;
  it.start();
  it.commit({news_for_ops(9), news_for_ops(10)});
  it.commit({delivered(9)});
  it.stop();
  std::filesystem::remove(it.directory.files().views());
  const auto list = list_deliveries(it.directory.files(), WhichDeliveries::open);
  CHECK_FALSE(list.read_all_because.empty());
  CHECK(shown(list) == Texts{"ops/10 waiting"});
}

TEST_CASE("the view of open deliveries is the same when it is made anew") {
  Installation it;
  it.start();
  it.commit({news_for_ops(9), news_for_ops(10), news_for_ops(11)});
  it.commit({delivered(9), failed(10, true)});
  const auto rows = "SELECT group_concat(stream || dead, ' ') FROM open_delivery";
  const auto before = it.ask(rows);
  it.stop();
  std::filesystem::remove(it.directory.files().views());
  it.start();
  wait_for(*it.views, it.history.head());
  CHECK(it.ask(rows) == before);
  CHECK(before == "delivery/ops/101 delivery/ops/110");
}

}  // namespace
}  // namespace csrflow::store
