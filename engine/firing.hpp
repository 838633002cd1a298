// Fires what is due, rank by rank: as commands to the writer, or as work for the signer and the messengers.
#pragma once

#include "engine/clock_watch.hpp"
#include "engine/command_pipeline.hpp"
#include "engine/complaints.hpp"
#include "engine/due_timers.hpp"
#include "engine/rotation_turns.hpp"
#include "engine/signer_gates.hpp"

namespace csrflow::engine {

/// Who does what takes long; they send the results to the writer.
struct TimerWorkers {
  std::function<void(SigningTask)> sign;      ///< hands bytes to the signer again
  std::function<void(DeliveryTask)> deliver;  ///< carries a notification to its receiver
};

/// What it stands on; all of it outlives it.
struct FiringGround {
  TimerSource& source;
  Writer& writer;
  HashFunction hash = nullptr;
  const StandingRules* rules = nullptr;
  CommitWatch* commits = nullptr;
  std::function<Duration()> monotonic = {};
};

/// Belongs to the scheduler's thread.
class Firing {
 public:
  static constexpr std::size_t most_of_a_rank = 1'024;                               ///< in one look
  static constexpr std::size_t most_read = 4'096;                                    ///< in one look
  static constexpr std::size_t most_deliveries = 512, most_deliveries_of_sink = 64;  ///< at the messengers
  /// Beyond so many alerts of a kind, they are told of together.
  static constexpr std::size_t many_alerts = 100;
  static constexpr std::size_t examples = 5;

  Firing(const FiringGround&, TimerWorkers, std::function<void(const std::string&)> complain, Timestamp now);

  /// A look begins: what was heard, what has become due.
  void begin(const ClockReading&, std::stop_token);
  // In this order. Each returns how many timers it fired.
  std::size_t half_done();
  std::size_t unsigned_yet();
  /// All that only time has made due.
  std::size_t by_time();
  /// Waits for all answers.
  void end() { pipeline_.settle(); }

  /// What was left half-done, whatever its due time.
  void recover(const ClockReading&);
  /// The clock was set back.
  void start_over(const ClockReading&);
  /// Records something in the log's own stream; complains when that is not possible.
  bool note(LogCommand);

  /// Is there more to do now?
  bool has_more() const { return more_ || !due_.read_enough(); }
  bool writer_is_busy() const { return busy_; }
  /// How long until something that waits here may go.
  std::optional<Duration> next(const ClockReading&);

 private:
  using Result = std::expected<Outcome, Refusal>;
  struct Out {
    std::string sink;
    std::uint32_t attempt = 0;
  };

  void hear();
  void distribute(std::vector<Timer>);
  template <class F>
  std::size_t each(Rank, Timestamp until, F fire);
  std::size_t fire(DueTimer);
  std::size_t hand_to_signer(DueTimer);
  std::size_t begin_signature(DueTimer);
  std::size_t deliver(DueTimer, DeliveryTask);
  std::size_t rotations();
  void begin_rotation(RotationTurns::Turn);
  std::size_t news();
  void summarise(TimerKind);
  void forecast();

  void send(DueTimer, Command, std::optional<SignerName>);
  void answered(DueTimer, const std::optional<SignerName>&, const Result&);
  void refused(DueTimer, const std::optional<SignerName>&, const Refusal&);
  void signer_failed(const SignerName&, std::optional<Duration> left);
  void moved_on(DueTimer, const State&);
  void back_off(DueTimer);
  void hold_back(const SignerName&, DueTimer);
  std::optional<Duration> left_of(const CsrState& request);
  void drop_delivery(const StreamId&);
  /// The look's wall clock, moved on by the monotonic one.
  Timestamp by_now() const { return clock_.wall + (ground_.monotonic() - clock_.monotonic); }

  const FiringGround ground_;
  const TimerWorkers workers_;
  Complaints complaints_;
  DueTimers due_;
  SignerGates gates_;
  RotationTurns turns_;
  CommandPipeline pipeline_;

  ClockReading clock_;  // of the look
  std::stop_token stop_;
  bool more_ = false, busy_ = false;
  std::map<SignerName, Duration> signed_at_;    // when a signature was last heard of
  std::unordered_map<std::string, Out> out_;    // deliveries at the messengers, by stream
  std::map<std::string, std::size_t> of_sink_;  // how many of them
};

}  // namespace csrflow::engine
