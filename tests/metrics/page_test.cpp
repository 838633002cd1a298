// The page as Prometheus reads it, and as docs/metrics.md describes it.
#include "metrics/page.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/catch.hpp"

namespace csrflow::metrics {
namespace {

using Names = std::set<std::string>;

Standing some_standing() {
  Standing standing;
  standing.version = "1.2.3";
  standing.log_position = 12;
  standing.views_position = 10;
  standing.requests = {{"example.com/web", "issued", 3}, {"example.com/web", "pending", 1}};
  standing.timers = {{"rotate", 5, 2}, {"expire", 0, 0}};
  standing.deliveries_waiting = 4;
  standing.deliveries_dead = 1;
  standing.jobs_running = 2;
  standing.lateness = engine::seconds(90);
  standing.next_expiry = engine::from_seconds(1'790'000'000);
  standing.ca_expiry = engine::from_seconds(2'000'000'000);
  standing.http.in_flight = {7, 2, 1};
  return standing;
}
void use(Meters& meters) {
  meters.http.answered("list", "certificatesigningrequests", 200);
  meters.http.took("list", std::chrono::milliseconds(3));
  meters.commits.observe(std::chrono::milliseconds(1));
}
std::string some_page() {
  Meters meters({"certificatesigningrequests"});
  use(meters);
  return page(meters, some_standing());
}
bool has_line(const std::string& text, const std::string& line) {
  return ('\n' + text).find('\n' + line + '\n') != std::string::npos;
}

TEST_CASE("the page has the figures") {
  const auto text = some_page();
  INFO(text);
  CHECK(has_line(text, "csrflow_build_info{version=\"1.2.3\"} 1"));
  CHECK(has_line(text, "csrflow_requests{signer=\"example.com/web\",state=\"issued\"} 3"));
  CHECK(has_line(text, "csrflow_views_lag_events 2"));
  CHECK(has_line(text, "csrflow_timers_due{kind=\"rotate\"} 5"));
  CHECK(has_line(text, "csrflow_timers_late{kind=\"rotate\"} 2"));
  CHECK(has_line(text, "csrflow_timer_lateness_seconds 90"));
  CHECK(has_line(text, "csrflow_deliveries_open{state=\"dead\"} 1"));
  CHECK(has_line(text, "csrflow_deliveries_open{state=\"waiting\"} 4"));
  CHECK(has_line(text, "csrflow_jobs_running 2"));
  CHECK(has_line(text, "csrflow_next_expiry_timestamp_seconds 1790000000"));
  CHECK(has_line(text, "csrflow_http_requests_in_flight{lane=\"read\"} 7"));
  CHECK(has_line(
      text,
      "csrflow_http_requests_total{verb=\"list\",resource=\"certificatesigningrequests\",code=\"200\"} "
      "1"));
  CHECK(has_line(text, "csrflow_http_request_duration_seconds_bucket{verb=\"list\",le=\"0.0025\"} 0"));
  CHECK(has_line(text, "csrflow_http_request_duration_seconds_bucket{verb=\"list\",le=\"0.005\"} 1"));
  CHECK(has_line(text, "csrflow_commit_duration_seconds_bucket{le=\"+Inf\"} 1"));
}

TEST_CASE("views that are ahead of the position that was read do not lag") {
  auto standing = some_standing();
  standing.views_position = 20;
  CHECK(has_line(page(Meters({}), standing), "csrflow_views_lag_events 0"));
}

TEST_CASE("without certificates there is no next expiry") {
  auto standing = some_standing();
  standing.next_expiry.reset();
  CHECK(page(Meters({}), standing).find("\ncsrflow_next_expiry_timestamp_seconds ") == std::string::npos);
}

TEST_CASE("of many signers those with most requests have their own labels") {
  auto standing = some_standing();
  standing.requests.clear();
  for (std::size_t i = 0; i < most_signer_labels + 5; ++i)
    standing.requests.push_back({"example.com/" + std::to_string(i), "issued", i + 1});
  const auto text = page(Meters({}), standing);
  INFO(text);
  CHECK(has_line(text, "csrflow_requests{signer=\"other\",state=\"issued\"} 15"));
  CHECK(has_line(text, "csrflow_requests{signer=\"example.com/68\",state=\"issued\"} 69"));
  CHECK(text.find("example.com/4\"") == std::string::npos);
}

TEST_CASE("the document names every metric with its kind, and no other") {
  Names documented, served;
  std::ifstream document(METRICS_DOCUMENT);
  REQUIRE(document);
  for (std::string line; std::getline(document, line);) {
    if (!line.starts_with("| `csrflow_") || line.find("` | ") == std::string::npos) continue;
    const auto name = line.substr(3, line.find('`', 3) - 3);
    const auto kind = line.substr(line.find("` | ") + 4);
    if (name.find(' ') == std::string::npos) documented.insert(name + ' ' + kind.substr(0, kind.find(' ')));
  }
  std::istringstream text(some_page());
  for (std::string line; std::getline(text, line);)
    if (line.starts_with("# TYPE ")) served.insert(line.substr(7));
  CHECK(documented == served);
}

TEST_CASE("promtool finds nothing wrong with the page") {
  const char* promtool = std::getenv("CSRFLOW_PROMTOOL");
  if (promtool == nullptr) {
    WARN("promtool is not installed");
    return;
  }
  FILE* pipe = popen((std::string(promtool) + " check metrics").c_str(), "w");
  REQUIRE(pipe != nullptr);
  std::fputs(some_page().c_str(), pipe);
  CHECK(pclose(pipe) == 0);
}

}  // namespace
}  // namespace csrflow::metrics
