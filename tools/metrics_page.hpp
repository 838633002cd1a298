// What /metrics says of a server: its instruments, and a look at the views.
#pragma once

#include <mutex>

#include "engine/ports.hpp"
#include "engine/views.hpp"
#include "engine/writer.hpp"
#include "metrics/page.hpp"
#include "store/standing_reader.hpp"

namespace csrflow::tools {

/// Thread-safe; one page at a time. What it is given outlives it.
class MetricsPage {
 public:
  MetricsPage(const metrics::Meters&, const store::DataFiles&, const engine::Writer&,
              const engine::ObjectViews&, const engine::Clock&, engine::Timestamp ca_expiry);
  /// Throws when the views cannot be read.
  std::string text(const metrics::RequestsNow&);

 private:
  const metrics::Meters& meters_;
  const engine::Writer& writer_;
  const engine::ObjectViews& views_;
  const engine::Clock& clock_;
  const engine::Timestamp ca_expiry_;
  std::mutex mutex_;
  store::StandingReader reader_;  // guarded by mutex_
};

}  // namespace csrflow::tools
