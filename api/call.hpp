// One request on its way through the API, and the ways to answer it.
#pragma once

#include "api/api.hpp"
#include "api/media.hpp"
#include "api/query.hpp"
#include "api/resource.hpp"
#include "api/target.hpp"
#include "api/worker_pool.hpp"

namespace csrflow::api {

/// What the handlers share.
struct ApiCore {
  explicit ApiCore(ApiDependencies given) : deps(std::move(given)), workers(deps.limits.workers) {}

  void report(LogLevel level, const std::string& line) const {
    if (deps.log_line) deps.log_line(level, line);
  }

  const ApiDependencies deps;
  std::atomic<std::size_t> reads{0}, writes{0};  ///< in flight
  WorkerPool workers;
};

/// Counts a request as in flight as long as it lives.
class InFlight {
 public:
  InFlight() = default;
  /// Not `entered` when `limit` are there already.
  InFlight(std::atomic<std::size_t>& count, std::size_t limit);
  ~InFlight() {
    if (count_) count_->fetch_sub(1);
  }
  InFlight(InFlight&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  InFlight& operator=(InFlight&& other) noexcept {
    std::swap(count_, other.count_);
    return *this;
  }
  bool entered() const { return count_ != nullptr; }

 private:
  std::atomic<std::size_t>* count_ = nullptr;
};

/// Shared by whoever works on it, one at a time; whoever answers must be the last to do something with it.
class Call {
 public:
  Call(std::shared_ptr<ApiCore>, std::shared_ptr<Exchange>);

  const Request& request() const { return exchange->request(); }
  const engine::Identity& user() const { return *identity; }
  GroupName resource_name() const { return {target.group, target.resource}; }

  void answer(Response);
  bool answered() const { return answered_; }
  /// The object or list, as JSON text, in the negotiated form.
  void send(int code, std::string json);
  void fail(const Status&);
  void send_status(const Status&, int code);
  void send_text(int code, std::string text);
  /// Opens the stream of a watch.
  std::shared_ptr<Stream> stream();

 private:
  const std::shared_ptr<ApiCore> owned_core_;  // the writer may answer after the API is gone

 public:
  ApiCore& core;
  const std::shared_ptr<Exchange> exchange;
  const Query query;
  const Target target;
  std::string audit_id;
  std::shared_ptr<const engine::Identity> identity;  ///< after authentication
  std::vector<std::string> warnings;
  const Resource* resource = nullptr;  ///< once the path is known
  engine::Position judged_at;          ///< of the roles that it was permitted under
  Answer form;                         ///< after negotiation
  bool pretty = false;
  InFlight in_flight;

 private:
  Headers headers(std::string_view content_type) const;

  std::atomic<bool> answered_{false};
};
using CallPtr = std::shared_ptr<Call>;

/// Runs `act`; what it throws becomes a 500 and a line for the operator.
template <class Act>
void guarded(const CallPtr& call, Act act) {
  try {
    act();
  } catch (const std::exception& failure) {
    call->core.report(LogLevel::error,
                      call->request().method + ' ' + call->request().path + ": " + failure.what());
    if (!call->answered()) call->fail(status::internal("the server could not do this; its log says why"));
  }
}

/// The same on a worker.
template <class Act>
void on_worker(const CallPtr& call, Act act) {
  call->core.workers.run([call, act = std::move(act)]() mutable { guarded(call, std::move(act)); });
}

/// Who sends `request`, now or, when a key must be fetched first, later on a worker.
void authenticated(const CallPtr&, std::shared_ptr<const Request> request,
                   std::move_only_function<void(Verdict)> then);

/// 403 for what the target asks.
Status forbidden(const Call&, const AccessDecision&);
/// The answer for a command that was refused.
Status refused(const Call&, const engine::Refusal&);

/// What a submission carries of its request.
engine::Context context_of(const Call&);

}  // namespace csrflow::api
