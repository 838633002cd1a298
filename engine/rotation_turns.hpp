// The rotations that are due, from the timer to the successor: under whose caps each waits, when its turn is,
// and whether it is still under way.
#pragma once

#include "engine/cap_forecast.hpp"
#include "engine/commit_watch.hpp"
#include "engine/log_stream.hpp"
#include "engine/rotation_queue.hpp"
#include "engine/timer_source.hpp"
#include "engine/writer.hpp"

namespace csrflow::engine {

/// Belongs to the scheduler's thread.
class RotationTurns {
 public:
  /// Commands of rotations that wait are kept ready, so that their streams are not read twice; beyond so many
  /// they are read when their turn is.
  static constexpr std::size_t most_prepared = 20'000;
  /// After so long a successor counts as under way only while the signer has it, not while it waits for a
  /// person.
  static constexpr Duration patience_with_people = seconds(60);

  /// `rules` null: there are only requests' annotations. `commits` null: a rotation counts as under way only
  /// until it is written.
  RotationTurns(TimerSource&, HashFunction, const StandingRules* rules, CommitWatch* commits, Timestamp now);

  enum class Taken : std::uint8_t {
    waits,     ///< for its turn
    uncapped,  ///< it is no request's: it needs none
    moved_on,  ///< its stream has
    no_room
  };
  Taken take(const Timer&);

  struct Turn {
    Timer timer;
    std::optional<Command> command;  ///< none: its stream has moved on
  };
  /// Whose turn it is, in their order; each is under way until it is said otherwise.
  std::vector<Turn> next(Timestamp now, Duration monotonic, std::size_t most);
  /// When the next turn may be.
  std::optional<Timestamp> wake(Timestamp now) { return queue_->wake(now); }
  std::size_t waiting() const { return queue_->waiting(); }
  std::size_t under_way() const { return queue_->in_flight(); }

  /// It was recorded.
  void announced(const Timer&, const Outcome&);
  /// There is none to wait for.
  void ended(const StreamId&);
  /// Lets go of those that wait for people, or for nothing.
  void look_at_old(Duration monotonic);

  void hold(const SignerName&);
  void release(const SignerName&);

  /// Of what came since the last forecast: signers whose caps are too low for it, each once until nothing
  /// waits any more.
  std::vector<SummariseAlerts> forecast(Timestamp now);
  /// After a clock that was set back: what waited is read again when it is due.
  void start_over(Timestamp now);

 private:
  struct UnderWay {
    SignerName key;      ///< of its line
    StreamId successor;  ///< empty: its announcement is being written
    Duration since;
  };
  /// Rotations that share a signer's cap: of a job, apart from the others.
  struct Line {
    SignerName key, signer;
    RateCap cap;
    std::vector<WaitingEnd> ends;  ///< came since the last forecast
    StreamId first;                ///< with the nearest end of these
    bool told = false;
  };
  Line& line_of(const SignerName& signer, const std::string& job);
  bool is_being_signed(const StreamId& successor);
  std::optional<Command> prepared(const Timer&);

  TimerSource& source_;
  const HashFunction hash_;
  const StandingRules* const rules_;
  CommitWatch* const commits_;
  std::unique_ptr<RotationQueue> queue_;
  std::map<std::string, Line> lines_;                    // by key
  std::unordered_map<std::string, Command> prepared_;    // by stream
  std::unordered_map<std::string, UnderWay> under_way_;  // by the predecessor's stream
  std::set<SignerName> held_;
};

}  // namespace csrflow::engine
