// What a jump of the wall clock means for what fires by it. A forward jump may be a mistake that would rotate
// and expire everything; a clock behind the log would sign certificates that begin in the log's past.
#pragma once

#include <optional>

#include "engine/types.hpp"

namespace csrflow::engine {

/// A jump forward by more than this holds rotations and expiry for so long, on the monotonic clock.
constexpr Duration tolerated_jump = seconds(3600);
constexpr Duration hold_after_jump = seconds(60);
/// So far behind the log's last event the wall clock may be.
constexpr Duration tolerated_lag = seconds(300);

/// Both clocks, read together.
struct ClockReading {
  Timestamp wall;
  Duration monotonic;  ///< since any fixed instant
};

struct ClockJudgement {
  enum class Kind : std::uint8_t {
    normal,
    held,   ///< after a jump forward: no rotation, no expiry, until `held_until`
    behind  ///< behind the log: no signature, until the clock has caught up or an operator says so
  };
  Kind kind = Kind::normal;
  /// How far the wall clock moved since the last look beyond what the monotonic clock says, either way.
  Duration jump;
  bool begins = false;    ///< the first look that says `held` or `behind` in a row: the one to complain at
  Duration held_until;    ///< of `held`, on the monotonic clock
  Timestamp right_again;  ///< of `behind`: when the clock is no longer behind
  bool rotations_and_expiry() const { return kind != Kind::held; }
  bool signatures() const { return kind != Kind::behind; }
};

/// Belongs to one thread; look at least once a second, so that no sleep outlives a jump.
class ClockWatch {
 public:
  /// `recorded`: recorded_at of the log's last event.
  ClockJudgement look(const ClockReading&, Timestamp recorded);

 private:
  struct Hold {
    Duration until, jump;
  };
  ClockJudgement judge(const ClockReading&, Timestamp recorded, Duration jump);

  std::optional<ClockReading> last_;
  std::optional<Hold> hold_;
  ClockJudgement::Kind said_ = ClockJudgement::Kind::normal;
};

}  // namespace csrflow::engine
