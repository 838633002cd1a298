#include "metrics/page.hpp"

#include <algorithm>

#include "metrics/exposition.hpp"

namespace csrflow::metrics {
namespace {

constexpr auto counter = MetricKind::counter;
constexpr auto gauge = MetricKind::gauge;
constexpr auto histogram = MetricKind::histogram;

double seconds_of(engine::Timestamp t) {
  return static_cast<double>(t.whole_seconds());
}

template <class Number>
void one(Exposition& out, const char* name, const char* help, MetricKind kind, Number value) {
  out.begin(name, help, kind);
  out.add({}, static_cast<double>(value));
}
void one(Exposition& out, const char* name, const char* help, const Histogram& times) {
  out.begin(name, help, histogram);
  out.add({}, times.shown());
}

/// Those of the signers with the most requests have a label of their own.
std::vector<Standing::Requests> bounded(std::vector<Standing::Requests> requests) {
  std::map<std::string, std::uint64_t> sizes;
  for (const auto& r : requests) sizes[r.signer] += r.count;
  std::vector<std::pair<std::uint64_t, std::string>> largest;
  for (const auto& [signer, size] : sizes) largest.emplace_back(size, signer);
  std::ranges::sort(largest, std::ranges::greater());
  if (largest.size() > most_signer_labels) largest.resize(most_signer_labels);
  std::set<std::string> own;
  for (const auto& [size, signer] : largest) own.insert(signer);
  std::map<std::pair<std::string, std::string>, std::uint64_t> sums;
  for (const auto& r : requests)
    sums[{own.contains(r.signer) ? r.signer : std::string(other_signers), r.state}] += r.count;
  requests.clear();
  for (const auto& [key, count] : sums)
    requests.push_back({.signer = key.first, .state = key.second, .count = count});
  return requests;
}

void add_requests(Exposition& out, const Meters& meters, const Standing& now) {
  out.begin("csrflow_requests", "Requests that are there, by state.", gauge);
  for (const auto& r : bounded(now.requests))
    out.add({{"signer", r.signer}, {"state", r.state}}, static_cast<double>(r.count));
  out.begin("csrflow_request_events_total", "Events of requests, by type.", counter);
  for (const auto& [event, count] : meters.events.request_events())
    out.add({{"signer", event.signer}, {"type", event.type}}, static_cast<double>(count));
  one(out, "csrflow_issuance_duration_seconds", "From an approval until its certificate was durable.",
      meters.events.issuance());
  one(out, "csrflow_signature_duration_seconds", "Uses of the CA's key.", meters.signatures);
  one(out, "csrflow_signature_failures_total", "Signatures that could not be made; they are tried again.",
      counter, meters.signature_failures.value());
}

void add_log(Exposition& out, const Meters& meters, const Standing& now) {
  one(out, "csrflow_log_position", "Position of the newest event.", gauge, now.log_position);
  one(out, "csrflow_log_events_total", "Events written.", counter, meters.events.events());
  one(out, "csrflow_commit_duration_seconds", "Writing a batch of events until it is durable.",
      meters.commits);
  one(out, "csrflow_commands_waiting", "Commands that wait to be decided.", gauge, now.commands_waiting);
  one(out, "csrflow_views_position", "Position of the newest event that the views show.", gauge,
      now.views_position);
  one(out, "csrflow_views_lag_events", "Events that the views do not show yet.", gauge,
      now.log_position - std::min(now.log_position, now.views_position));
}

void add_timers(Exposition& out, const Meters& meters, const Standing& now) {
  out.begin("csrflow_timers_due", "Timers that are due and not done.", gauge);
  for (const auto& t : now.timers) out.add({{"kind", t.kind}}, static_cast<double>(t.due));
  out.begin("csrflow_timers_late", "Timers that have been due for longer than a minute.", gauge);
  for (const auto& t : now.timers) out.add({{"kind", t.kind}}, static_cast<double>(t.late));
  one(out, "csrflow_timer_lateness_seconds", "How long the oldest due timer has been due.", gauge,
      static_cast<double>(now.lateness.microseconds) / 1e6);
  out.begin("csrflow_deliveries_open", "Notifications that are not delivered.", gauge);
  out.add({{"state", "waiting"}}, static_cast<double>(now.deliveries_waiting));
  out.add({{"state", "dead"}}, static_cast<double>(now.deliveries_dead));
  one(out, "csrflow_jobs_running", "Jobs that rotate certificates now.", gauge, now.jobs_running);
  out.begin("csrflow_rotations_total", "Steps of rotations.", counter);
  for (const auto& [step, count] : meters.events.rotations())
    out.add({{"step", step}}, static_cast<double>(count));
  out.begin("csrflow_next_expiry_timestamp_seconds",
            "When the first certificate ends that has no successor; absent when there is none.", gauge);
  if (now.next_expiry) out.add({}, seconds_of(*now.next_expiry));
  one(out, "csrflow_ca_expiry_timestamp_seconds", "When the CA's certificate ends.", gauge,
      seconds_of(now.ca_expiry));
}

void add_http(Exposition& out, const Meters& meters, const Standing& now) {
  out.begin("csrflow_http_requests_total", "Requests answered.", counter);
  for (const auto& a : meters.http.answers())
    out.add({{"verb", a.verb}, {"resource", a.resource}, {"code", a.code}}, static_cast<double>(a.count));
  out.begin("csrflow_http_request_duration_seconds",
            "From the request's head to its answer; watches are left out.", histogram);
  for (const auto& t : meters.http.times()) out.add({{"verb", t.verb}}, t.times);
  const auto by_lane = [&](const char* name, const char* help, MetricKind kind, auto value) {
    out.begin(name, help, kind);
    for (std::size_t i = 0; i < lane_names.size(); ++i)
      out.add({{"lane", std::string(lane_names[i])}}, static_cast<double>(value(i)));
  };
  by_lane("csrflow_http_requests_in_flight", "Requests that are worked on.", gauge,
          [&](std::size_t i) { return now.http.in_flight[i]; });
  by_lane("csrflow_http_requests_waiting", "Requests that wait for a seat.", gauge,
          [&](std::size_t i) { return now.http.waiting[i]; });
  by_lane("csrflow_http_requests_refused_total", "Requests refused since there were too many.", counter,
          [&](std::size_t i) { return meters.http.refusals(static_cast<HttpLane>(i)); });
}

}  // namespace

std::string page(const Meters& meters, const Standing& now) {
  Exposition out;
  out.begin("csrflow_build_info", "1, with the program's version.", gauge);
  out.add({{"version", now.version}}, 1);
  add_requests(out, meters, now);
  add_log(out, meters, now);
  add_timers(out, meters, now);
  add_http(out, meters, now);
  return out.text();
}

}  // namespace csrflow::metrics
