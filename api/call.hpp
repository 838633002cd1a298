// One request on its way through the API, and the ways to answer it.
#pragma once

#include "api/api.hpp"
#include "api/media.hpp"
#include "api/query.hpp"
#include "api/request_gate.hpp"
#include "api/resource.hpp"
#include "api/target.hpp"
#include "api/worker_pool.hpp"

namespace csrflow::api {

/// What the handlers share.
struct ApiCore {
  explicit ApiCore(ApiDependencies given)
      : deps(std::move(given)),
        workers(deps.limits.workers),
        gate(deps.limits.gate, alarms, [this](const std::string& user, std::move_only_function<void()> act) {
          workers.run(std::move(act), user);
        }) {}

  void report(LogLevel level, const std::string& line) const {
    if (deps.log_line) deps.log_line(level, line);
  }

  const ApiDependencies deps;
  Alarms alarms;
  WorkerPool workers;
  RequestGate gate;
};

/// Shared by whoever works on it, one at a time; whoever answers must be the last to do something with it.
class Call {
 public:
  Call(std::shared_ptr<ApiCore>, std::shared_ptr<Exchange>);

  const Request& request() const { return exchange->request(); }
  const engine::Identity& user() const { return *identity; }
  GroupName resource_name() const { return {target.group, target.resource}; }

  void answer(Response);
  bool answered() const { return phase_ != Phase::open; }
  /// Its time has passed: it is answered 504, unless it has been answered; whoever works on it may go on, and
  /// nobody hears of it. Any thread.
  void time_out();
  /// The object or list, as JSON text, in the negotiated form.
  void send(int code, std::string json);
  void fail(const Status&);
  void send_status(const Status&, int code);
  void send_text(int code, std::string text);
  /// 429: too many requests at a time.
  void refuse_busy(Lane);
  /// Opens the stream of a watch or of a long list; `more`: further header fields.
  std::shared_ptr<Stream> stream(const Headers& more = {});

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
  /// Roles do not permit it; whoever handles it may find that what the caller holds does.
  std::optional<Status> forbidden_by_roles;
  std::optional<engine::Timestamp> expired_at;  ///< the caller's client certificate ended then
  Answer form;                                  ///< after negotiation
  bool pretty = false;
  RequestGate::Seat seat;  ///< left with the call, or with the stream of a watch
  Alarms::Set deadline;

 private:
  enum class Phase { open, answered, timed_out };

  Headers headers(std::string_view content_type) const;
  /// May whoever asks answer? Throws std::logic_error when somebody has answered already.
  bool claim_answer();
  /// What was answered; `whole`: nothing follows.
  void count(int code, bool whole) const;

  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::atomic<Phase> phase_{Phase::open};
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
  call->core.workers.run([call, act = std::move(act)]() mutable { guarded(call, std::move(act)); },
                         call->identity ? call->identity->user : std::string());
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
