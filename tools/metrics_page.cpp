#include "tools/metrics_page.hpp"

#include "tools/commands.hpp"

namespace csrflow::tools {

MetricsPage::MetricsPage(const metrics::Meters& meters, const store::DataFiles& files,
                         const engine::Writer& writer, const engine::ObjectViews& views,
                         const engine::Clock& clock, engine::Timestamp ca_expiry)
    : meters_(meters), writer_(writer), views_(views), clock_(clock), ca_expiry_(ca_expiry), reader_(files) {}

std::string MetricsPage::text(const metrics::RequestsNow& requests) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_.now();
  const auto figures = reader_.read(now);
  metrics::Standing standing;
  standing.version = program_name().substr(program_name().rfind(' ') + 1);
  // In this order: the views are never ahead of a log that was looked at later.
  standing.views_position = views_.position().value;
  standing.log_position = writer_.head().value;
  standing.commands_waiting = writer_.waiting();
  standing.http = requests;
  for (const auto& r : figures.requests)
    standing.requests.push_back({.signer = r.signer, .state = r.state, .count = r.count});
  for (const auto& t : figures.timers)
    standing.timers.push_back({.kind = t.kind, .due = t.due, .late = t.late});
  standing.deliveries_waiting = figures.deliveries.waiting;
  standing.deliveries_dead = figures.deliveries.dead;
  standing.jobs_running = figures.jobs_running;
  if (figures.oldest_due) standing.lateness = now - *figures.oldest_due;
  standing.next_expiry = figures.next_expiry;
  standing.ca_expiry = ca_expiry_;
  return metrics::page(meters_, standing);
}

}  // namespace csrflow::tools
