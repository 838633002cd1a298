// csrapproving: kubelets' client certificates are approved without a person, when the roles let the requester
// have them. Watches the log like every follower, and sends its decisions through the writer's door.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "api/authorization.hpp"
#include "engine/issuer.hpp"
#include "engine/views.hpp"
#include "engine/writer.hpp"

namespace csrflow::api {

struct NodeApproverLimits {
  engine::Duration first_delay{200'000};          ///< kube-controller-manager's; doubles with each refusal
  engine::Duration longest_delay{1'000'000'000};  ///< 1,000 s
  engine::Duration answer_patience{30'000'000};   ///< then an answer that never came is not waited for
  std::size_t waiting = 65'536;                   ///< beyond: left to a later look at everything
  std::size_t page = 500;                         ///< rows read at once of the views
};

/// A request is approved when its signer is kubernetes.io/kube-apiserver-client-kubelet, it passes that
/// signer's profile, and its requester may create certificatesigningrequests/selfnodeclient (for its own node
/// name) or /nodeclient. What is recognised and not permitted is asked for again, later and later, and at
/// once when a role or binding changes. Nothing is ever denied.
class NodeApprover final : public engine::Follower {
 public:
  using Submit = std::function<void(engine::Submission)>;
  using Complain = std::function<void(const std::string&)>;

  /// All outlive it. `submit` and `complain` are called from its thread and must not throw.
  NodeApprover(engine::ObjectViews&, const engine::EventLog&, const engine::Issuer&,
               const engine::PkixInspector&, const engine::Clock&, Submit submit, Complain complain,
               NodeApproverLimits = {});
  ~NodeApprover() override;
  NodeApprover(const NodeApprover&) = delete;
  NodeApprover& operator=(const NodeApprover&) = delete;

  void committed(const std::shared_ptr<const engine::Batch>&) override;
  /// Takes up what is pending, and what comes from now on. `authorizer` lives until both this and the writer
  /// have stopped.
  void start(const Authorizer& authorizer);
  void stop();

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Pending {
    unsigned failures = 0;
    Instant due;
  };
  enum class Verdict { settled, not_permitted, approve };
  struct Judgement {
    Verdict verdict = Verdict::settled;
    std::string message;           ///< of the condition
    engine::Judgement permission;  ///< the question that was answered with yes
  };

  void run(std::stop_token, const Authorizer&);
  std::optional<std::string> next(std::stop_token);
  void scan(std::stop_token);
  void consider(const std::string& name, const Authorizer&);
  Judgement judge(const engine::CsrState&, const Authorizer&) const;
  void approve(const engine::StreamId&, const engine::CsrState&, Judgement);
  void later(const std::string& name);
  void settled(const std::string& name);

  engine::ObjectViews& views_;
  const engine::EventLog& log_;
  const engine::Issuer& issuer_;
  const engine::PkixInspector& pkix_;
  const engine::Clock& clock_;
  const Submit submit_;
  const Complain complain_;
  const NodeApproverLimits limits_;

  /// What the writer's answers touch, which may come after the approver is gone.
  struct Waiting {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::map<std::string, Pending> requests;  // guarded by mutex; by name
    bool look_at_everything = true;           // guarded by mutex
  };
  const std::shared_ptr<Waiting> waiting_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace csrflow::api
