// A CA with thousands of certificates and its clock as a value: what a simulation drives, breaks and
// restarts. No socket, disk or sleep.
#pragma once

#include <deque>
#include <random>

#include "engine/scheduler.hpp"
#include "tests/engine/story.hpp"
#include "tests/simulation/ledger_check.hpp"
#include "tests/simulation/timer_index.hpp"
#include "tests/support/memory_log.hpp"

namespace csrflow::test {

/// A kind of certificates: what their signer's rotation policy says.
struct Fleet {
  std::string name;  ///< and `kubernetes.io/<name>` is the signer
  std::size_t count;
  Duration lifetime;
  RotationMode mode;
};

/// One rotation policy for each fleet, in force from the beginning.
class FleetRules final : public StandingRules {
 public:
  FleetRules(const std::vector<Fleet>& fleets, const RotationLimits& limits);
  std::optional<RotationOrder> named(std::string_view, const CsrState&) const override {
    return std::nullopt;
  }
  std::optional<RotationOrder> matching(const CsrState&) const override;
  bool expiry_is_watched(const CsrState&) const override { return false; }
  std::string difference_of(const CsrState&, const CsrState&) const override { return {}; }
  Duration longest_lifetime() const override { return seconds(90 * 86'400); }

 private:
  std::map<SignerName, RotationOrder> orders_;
};

class Plant final : public Follower {
 public:
  Plant(std::vector<Fleet>, RotationLimits, std::uint64_t seed);
  ~Plant() override;

  /// Requests of all fleets, each approved and signed; their lives are spread over the first.
  void fill();

  /// Everything that happens until then.
  void run_until(Timestamp);

  // What goes wrong. Times are the wall clock's.
  void kill();   ///< the server is gone; the log stays
  void start();  ///< a new one over the same log; its timers are compared with those of the old one
  bool up() const { return scheduler_ != nullptr; }
  void break_signer(bool broken);
  void jump(Duration);

  Timestamp now() const { return clock_.now(); }
  const LedgerCheck& check() const { return check_; }
  std::uint64_t events() const { return log_.head(); }

  void committed(const std::shared_ptr<const Batch>&) override;

 private:
  struct AgentWork {
    std::string predecessor;
    std::string successor;
  };

  void look();
  bool sign_what_is_open();
  void agents_act();
  void act(const AgentWork&);
  void note_record(const Record&);
  void forget_what_has_ended();
  void create_all();
  Timestamp next_event() const;
  std::expected<Outcome, Refusal> call(const std::string& name, CsrCommand, Identity actor = {});

  const std::vector<Fleet> fleets_;
  std::mt19937_64 chance_;
  FleetRules rules_;
  SimulatedLog log_;
  ManualClock clock_;
  Duration monotonic_;  ///< moves with the clock, and does not jump with it
  SeededRandom random_;
  PaperIssuer issuer_;
  LedgerCheck check_;
  std::unique_ptr<TimerIndex> index_;
  std::unique_ptr<CommitWatch> commits_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Scheduler> scheduler_;

  bool signer_broken_ = false;
  std::mutex mutex_;
  std::deque<SigningTask> to_sign_;                // guarded by mutex_
  std::vector<StreamId> ended_;                    // guarded by mutex_
  std::vector<std::string> due_for_agents_;        // guarded by mutex_: names of requests
  std::multimap<Timestamp, AgentWork> agents_do_;  // by when
  std::uint64_t made_by_agents_ = 0;
  bool filling_ = false;
};

}  // namespace csrflow::test
