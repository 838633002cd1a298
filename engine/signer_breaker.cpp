#include "engine/signer_breaker.hpp"

namespace csrflow::engine {

SignerBreaker::SignerBreaker(const SignerName& signer, HashFunction hash, const RetryRule& rule)
    : stream_(stream_of("signer", signer.text)), hash_(hash), rule_(rule) {}

Duration SignerBreaker::wait() const {
  if (!left_) return retry_wait(stream_, failures_, hash_, rule_);
  return retry_wait(stream_, Serial{}, failures_, *left_, hash_, rule_);
}

std::optional<Timestamp> SignerBreaker::next_probe() const {
  if (!open()) return std::nullopt;
  return step_began_ + wait();
}

bool SignerBreaker::take(Timestamp now) {
  if (!open()) return true;
  // A clock that was set back would otherwise hold the signer for as long as it was set back by.
  const bool set_back = now < step_began_;
  if (!set_back && now < step_began_ + wait()) return false;
  step_began_ = now;
  probing_ = true;
  return true;
}

void SignerBreaker::failed(Timestamp now, std::optional<Duration> left) {
  if (open() && !probing_) return;
  ++failures_;
  probing_ = false;
  left_ = left;
  step_began_ = now;
}

}  // namespace csrflow::engine
