// Asks the policies again about every undecided request when a policy or a signer has changed. It follows the
// log, looks at the views, and sends its questions through the writer's door like everybody.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "engine/views.hpp"
#include "engine/writer.hpp"

namespace csrflow::engine {

class Reevaluation : public Follower {
 public:
  using Submit = std::function<void(Submission)>;
  using Complain = std::function<void(const std::string&)>;

  /// All outlive it.
  Reevaluation(ObjectViews&, const EventLog&, HashFunction, Submit, Complain);
  ~Reevaluation() override;

  void committed(const std::shared_ptr<const Batch>&) override;
  /// A pass at once, since a crash may have cut one short, then one for each change until `stop`.
  void start();
  void stop();

  /// Asks about every undecided request, as of the rules at `cause`; returns about how many.
  std::size_t pass(Position cause, std::stop_token = {});

 private:
  void run(std::stop_token);
  bool ask(const StreamId&, EventReader&, Position cause, std::stop_token);

  /// The answers that are waited for, so that a pass never fills the writer's queue. Outlives this object in
  /// the commands that are under way.
  struct UnderWay {
    std::mutex mutex;
    std::condition_variable_any done;
    std::size_t commands = 0;  // guarded by mutex
  };

  ObjectViews& views_;
  const EventLog& log_;
  const HashFunction hash_;
  const Submit submit_;
  const Complain complain_;
  const std::shared_ptr<UnderWay> under_way_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<Position> changed_at_ = Position{};  // guarded by mutex_; of the last change not yet followed
  std::jthread thread_;                              // last: it uses everything above
};

}  // namespace csrflow::engine
