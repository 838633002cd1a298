// What holds work back from a signer that does not work: after some failures in a row nothing goes to it but
// one probe a step of the back-off, and all go when one has succeeded.
#pragma once

#include <optional>

#include "engine/rotation.hpp"

namespace csrflow::engine {

/// So many failures in a row open it.
constexpr std::uint32_t failures_that_open = 3;

/// One signer's. Belongs to one thread; times are the wall clock's.
class SignerBreaker {
 public:
  SignerBreaker(const SignerName&, HashFunction, const RetryRule& = {});

  bool open() const { return failures_ >= failures_that_open; }
  std::uint32_t failures() const { return failures_; }  ///< in a row
  /// When the next probe may go; nothing while it is closed.
  std::optional<Timestamp> next_probe() const;

  /// May a piece of work go to the signer now? While it is open, a yes is the step's probe: the next one goes
  /// a step later, whether or not this one is ever heard of again.
  bool take(Timestamp now);

  /// A piece of work failed because of the signer. `left`: the smallest that is left of the validity of what
  /// waits for it; nothing where no certificate exists yet. While it is open, only the probe's failure
  /// counts: work that was under way before says nothing new.
  void failed(Timestamp now, std::optional<Duration> left = std::nullopt);
  void succeeded() { failures_ = 0; }

 private:
  Duration wait() const;

  StreamId stream_;  ///< `signer/<name>`: what the jitter is made from
  HashFunction hash_;
  RetryRule rule_;
  std::uint32_t failures_ = 0;
  bool probing_ = false;
  std::optional<Duration> left_;
  Timestamp step_began_;
};

}  // namespace csrflow::engine
