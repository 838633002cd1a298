#include "bench/rotation_policy.hpp"

#include <SQLiteCpp/Statement.h>

#include <boost/asio/co_spawn.hpp>
#include <thread>

#include "bench/figures.hpp"
#include "bench/fleet.hpp"
#include "bench/https_connection.hpp"
#include "store/event_reader.hpp"
#include "store/object_reader.hpp"
#include "store/sqlite.hpp"

namespace csrflow::bench {
namespace {

constexpr std::chrono::milliseconds look_again{50};
constexpr std::chrono::hours patience{1};
constexpr std::string_view resource = "/apis/csrflow.io/v1/rotationpolicies";
constexpr std::string_view limits =
    R"({"perSigner":"1000000/s","perRequester":"1000000/s","inFlight":1000000})";

std::string label(const char* key, const char* value) {
  return std::string("\"") + key + R"(":")" + value + '"';
}

std::string document(std::string_view name, const std::string& labels, const std::string& when) {
  return R"({"apiVersion":"csrflow.io/v1","kind":"RotationPolicy","metadata":{"name":")" + std::string(name) +
         R"("},"spec":{"match":{"labels":{"matchLabels":{)" + labels + R"(}}},"mode":"renew",)" + when +
         R"(,"approval":"inherit","limits":)" + std::string(limits) + "}}";
}

Awaitable<> call(HttpsConnection& connection, std::uint16_t port, const std::string& request,
                 std::string_view status) {
  co_await connection.open(port);
  co_await connection.exchange(request, status);
}

void call(const Address& address, const std::filesystem::path& ca, const std::string& request,
          std::string_view status) {
  auto context = client_context(ca);
  asio::io_context loop(1);
  HttpsConnection connection(loop, context);
  asio::co_spawn(loop, call(connection, address.port, request, status), rethrow);
  loop.run();
}

void create(const Address& address, const std::filesystem::path& ca, const std::string& body) {
  call(address, ca, own_request(address, "POST", resource, body), "201");
}

}  // namespace

void apply_fleet_policy(const Address& address, const std::filesystem::path& ca) {
  create(address, ca,
         document("fleet", label(fleet_label, fleet_value),
                  R"("when":{"fraction":{"from":0.6,"to":0.75}},"first":{"from":0.6,"to":0.75})"));
}

void apply_burst_policy(const Address& address, const std::filesystem::path& ca, engine::Window window) {
  create(address, ca,
         document("burst", label(fleet_label, fleet_value) + ',' + label(burst_label, burst_value),
                  R"("when":{"window":{"start":")" + engine::rfc3339_micro(window.start) + R"(","end":")" +
                      engine::rfc3339_micro(window.end) + R"("}})"));
}

void delete_burst_policy(const Address& address, const std::filesystem::path& ca) {
  call(address, ca, own_request(address, "DELETE", std::string(resource) + "/burst", {}), "200");
}

void wait_until_planned(const std::filesystem::path& data) {
  const store::DataFiles files = store::existing_data_files(data);
  const engine::Position head = store::SqliteEventReader(files).head();
  const auto views = store::open_views(files);
  SQLite::Statement state(*views,
                          "SELECT position, (SELECT count(*) FROM timer_pass) FROM reached WHERE id = 1");
  for (const auto deadline = Clock::now() + patience; Clock::now() < deadline;) {
    if (!state.executeStep()) throw std::runtime_error("the views say nothing of their position");
    const bool reached = static_cast<std::uint64_t>(state.getColumn(0).getInt64()) >= head.value;
    const bool planned = state.getColumn(1).getInt64() == 0;
    state.reset();
    if (reached && planned) return;
    std::this_thread::sleep_for(look_again);
  }
  throw std::runtime_error("the timers of " + data.string() + " are still not planned");
}

}  // namespace csrflow::bench
