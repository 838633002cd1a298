// Which of the rotations that are due may begin: under the caps of their signers and requesters, the nearest
// expiry first.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "engine/rotation_rules.hpp"
#include "engine/text_pool.hpp"
#include "engine/timers.hpp"

namespace csrflow::engine {

/// A rotation's timer, once it is due.
struct DueRotation {
  // The timer's key.
  TimerKind kind = TimerKind::rotate;
  StreamId stream;
  Position cause;
  std::uint32_t attempt = 1;

  Timestamp due;
  Timestamp not_after;  ///< of the certificate that is rotated
  bool operator==(const DueRotation&) const = default;
};

/// Under which caps it begins.
struct RotationCaps {
  SignerName signer;
  std::string requester;
  RateCap per_signer, per_requester;
  std::int64_t in_flight = 1;  ///< of the signer, at once
  /// Of the event that made these limits: of two that say something else of the same signer or requester, the
  /// later holds, until nothing waits or counts under it.
  Position since;
};
RotationCaps caps_of(const RotationLimits&, SignerName, std::string requester, Position since);

/// Due rotations that wait, and those that are under way. One begins when its signer's rate, its requester's
/// rate and its signer's number in flight have room: then the smallest notAfter first, then due, then the
/// stream's bytes; those of certificates that have expired by then last. One that is held back does not hold
/// up others. In every closed interval D at most burst + floor(D / (period / limit)) of a key begin.
///
/// Belongs to one thread. It has no clock: `now` is the wall clock's. A clock that is set back by more than a
/// second counts as a start, at which nothing has passed yet. O(log n) a rotation, amortised; about 65 bytes
/// a waiting one and 400 a requester that has one.
class RotationQueue {
 public:
  /// In flight at once, of all signers together.
  static constexpr std::size_t most_in_flight = 10'000;
  static constexpr std::size_t most_waiting = 4'000'000;

  /// As after a start at `now`; `room`: for so many that wait.
  explicit RotationQueue(Timestamp now, std::size_t room = most_waiting);
  ~RotationQueue();
  RotationQueue(const RotationQueue&) = delete;
  RotationQueue& operator=(const RotationQueue&) = delete;

  /// Each timer once. False when there is no room: leave it in its list and come again.
  [[nodiscard]] bool add(const DueRotation&, const RotationCaps&);
  /// Those that begin now, in their order, at most `most`. Each is in flight until `finished`.
  std::vector<DueRotation> next(Timestamp now, std::size_t most);
  /// The successor is signed, has failed, or there is none to wait for. Of an unknown stream: nothing.
  void finished(const StreamId&);
  /// When the next one may begin, if nothing is added, finished or released until then; nothing: never.
  std::optional<Timestamp> wake(Timestamp now);

  /// A rotation that began before a start.
  void under_way(const StreamId&, const SignerName&);
  /// Of a held signer none begins, until it is released.
  void hold(const SignerName&);
  void release(const SignerName&);

  std::size_t waiting() const { return waiting_; }
  std::size_t in_flight() const { return in_flight_.size(); }
  std::int64_t in_flight(const SignerName&) const;

 private:
  struct Entry;
  struct Line;
  struct Signer;
  struct Requester;
  struct Before;

  void advance(Timestamp now);
  void restart_rates();
  void wake_rested();
  void settle(Requester&);
  void list(Line&);
  void unlist(Line&);
  void separate_expired(Signer&);
  bool open(const Signer&) const;
  Line* first(bool& expired);
  DueRotation begin(Line&, bool expired);
  Line& line_of(Requester&, Signer&);
  Signer& signer_of(const SignerName&);

  Timestamp now_;  // of the latest look; falls of up to a second are passed over
  TextPool streams_;
  std::size_t room_;
  std::size_t waiting_ = 0;
  std::map<std::string, std::unique_ptr<Signer>, std::less<>> signers_;  // few: they are configured
  std::unordered_map<std::string, std::unique_ptr<Requester>> requesters_;
  /// Requesters whose rate is used up, by when it has room; those with nothing waiting, by when it is as if
  /// they had never been there.
  std::multimap<Timestamp, Requester*> resting_;
  std::unordered_map<std::string, Signer*> in_flight_;  // by stream
};

}  // namespace csrflow::engine
