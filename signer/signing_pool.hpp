// Signs what the log says is about to be signed, on threads of its own, and sends the results back through
// the writer's door.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "engine/ports.hpp"
#include "engine/timers.hpp"
#include "engine/writer.hpp"

namespace csrflow::signer {

/// Beyond this, tasks are left to the timers, which bring them again.
constexpr std::size_t max_waiting_signatures = 65'536;
/// Results handed over at once, at most.
constexpr std::size_t signatures_per_batch = 64;

/// Hears of every durable `issuing` and answers it with CompleteIssue or CompleteOwn. A task that is already
/// waiting or on its way to the log is not taken twice. What fails is reported and forgotten: it is still
/// open in the log, and the timers bring it again through `resume`.
class SigningPool : public engine::Follower {
 public:
  using Submit = std::function<void(std::vector<engine::Submission>)>;
  using Complain = std::function<void(const std::string&)>;

  /// `submit` and `complain` are called from the workers' threads, `complain` also from the writer's; they
  /// must not throw. `signer` outlives the pool.
  SigningPool(engine::CertificateSigner& signer, Submit submit, Complain complain, unsigned workers = 1);
  ~SigningPool() override;

  void committed(const std::shared_ptr<const engine::Batch>&) override;
  /// For what was left open. Any thread.
  void resume(engine::SigningTask);
  /// Finishes the signatures at hand, drops the rest (they stay open in the log) and ends the threads.
  void stop();

 private:
  struct Job {
    engine::SigningTask task;
    std::string cause, correlation;  // of the `issuing` event; empty for a resumed task
  };
  struct Queue;
  void add(std::vector<Job>);
  void work(std::stop_token);
  std::optional<engine::Submission> sign(const Job&);

  engine::CertificateSigner& signer_;
  const Submit submit_;
  const Complain complain_;
  const std::shared_ptr<Queue> queue_;  // shared with the answers under way
  std::vector<std::jthread> workers_;   // last: they use everything above
};

}  // namespace csrflow::signer
