// Kubernetes' API over the engine: what `serve` gives it, and the one function that the HTTP server calls.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "api/authentication.hpp"
#include "api/authorization.hpp"
#include "api/config_admission.hpp"
#include "api/head_waiters.hpp"
#include "api/http.hpp"
#include "api/recent_objects.hpp"
#include "api/request_gate.hpp"
#include "api/token_book.hpp"
#include "api/watch_hub.hpp"
#include "engine/job_desk.hpp"
#include "engine/request_checks.hpp"
#include "engine/views.hpp"
#include "engine/writer.hpp"
#include "metrics/http_meter.hpp"

namespace csrflow::api {

/// What follows the writer for the API: made before it, given to it, and to the API then.
struct ApiFollowers {
  ApiFollowers(engine::ObjectViews& views, const engine::EventLog& log, const engine::Clock& clock,
               RecentLimits recent_limits = {}, WatchLimits watch_limits = {})
      : recent(recent_limits), watches(views, log, clock, watch_limits), tokens(clock) {
    tokens.load(*log.reader());
  }

  RecentObjects recent;
  HeadWaiters heads;
  WatchHub watches;
  TokenBook tokens;
  std::vector<engine::Follower*> all() { return {&recent, &heads, &watches, &tokens}; }
};

struct ApiLimits {
  GateLimits gate;                                   ///< requests at a time; beyond: 429
  std::chrono::milliseconds request_time{60'000};    ///< as kube-apiserver; then 504. `timeout` may lower it
  unsigned workers = 2;                              ///< threads that read the views
  std::chrono::milliseconds future_patience{3'000};  ///< how long a version from the future is waited for
};

enum class LogLevel { info, warning, error };

/// All live longer than the API.
struct ApiDependencies {
  engine::Writer& writer;
  engine::ObjectViews& views;
  const engine::EventLog& log;
  const engine::Issuer& issuer;
  const engine::PkixInspector& pkix;
  const engine::Clock& clock;
  engine::Random& random;
  const Authenticator& authenticator;
  const Authorizer& authorizer;
  ApiFollowers& followers;
  std::string address;  ///< `host:port` as clients reach it, for /api
  /// Is the server ready to serve (views caught up, not stopping)? Null: always.
  std::function<bool()> ready;
  /// Null: nobody listens. Any thread.
  std::function<void(LogLevel, const std::string&)> log_line;
  ApiLimits limits;
  /// Null: nothing is asked about configuration objects besides what the authorizer says.
  const ConfigAdmission* config_admission = nullptr;
  /// Null: nobody has advice.
  const ConfigAdvice* config_advice = nullptr;
  /// What csrflow's own signers demand of a request before there is one; null: nothing.
  const engine::RequestChecks* request_checks = nullptr;
  /// A node asks for its own certificates only.
  bool node_restriction = false;
  /// Counts requests; null: nobody does.
  metrics::HttpMeter* meter = nullptr;
  /// The text of /metrics; null: there is none. Called on a worker, may read the views.
  std::function<std::string(const metrics::RequestsNow&)> metrics_page = nullptr;
  /// What ends and rotates in so many days from now, as JSON; null: there is none. Called on a worker.
  std::function<std::string(unsigned days)> forecast = nullptr;
  /// Where jobs are asked for; null: there are none. Asked on workers.
  engine::JobDesk* jobs = nullptr;
  /// Sends a notification to a sink at once and says, on another thread, whether it was taken and why not;
  /// null: there are no sinks.
  std::function<void(const std::string& sink, engine::Notification,
                     std::move_only_function<void(std::expected<void, std::string>)>)>
      try_sink = nullptr;
};

struct ApiCore;

/// Thread-safe.
class Api {
 public:
  explicit Api(ApiDependencies);
  ~Api();  ///< after the HTTP server has stopped
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  /// Answers the exchange, now or later; never throws, never blocks for the disk.
  void handle(std::shared_ptr<Exchange>);

 private:
  const std::shared_ptr<ApiCore> core_;
};

}  // namespace csrflow::api
