// What waits for signers that do not work: one piece of it goes to each as a probe, and all of it when the
// signer works again.
#pragma once

#include <map>

#include "engine/due_timers.hpp"
#include "engine/signer_breaker.hpp"

namespace csrflow::engine {

/// Belongs to the scheduler's thread. A signer is known here from its first failure on until it works.
class SignerGates {
 public:
  static constexpr std::size_t most_held_back = 20'000;

  explicit SignerGates(HashFunction hash) : hash_(hash) {}

  /// May work go to the signer?
  bool open(const SignerName&) const;
  /// A piece of work failed because of the signer. `left`: of the validity of what is rotated. True: the gate
  /// has just closed.
  bool failed(const SignerName&, Timestamp now, std::optional<Duration> left);
  void succeeded(const SignerName&);
  /// Until the signer works. False: there is no room.
  [[nodiscard]] bool hold_back(const SignerName&, DueTimer);

  struct Released {
    std::vector<DueTimer> work;       ///< that may go now; the probes are marked
    std::vector<SignerName> working;  ///< signers whose gates have opened
  };
  Released release(Timestamp now);
  /// What waits is read from the view again.
  void start_over();
  /// When the next probe may go.
  std::optional<Timestamp> next_probe() const;
  std::size_t held_back() const { return held_back_; }

 private:
  struct Gate {
    SignerBreaker breaker;
    std::vector<DueTimer> waiting;
    bool told_closed = false;
  };
  HashFunction hash_;
  std::map<SignerName, Gate> gates_;
  std::size_t held_back_ = 0;
};

}  // namespace csrflow::engine
