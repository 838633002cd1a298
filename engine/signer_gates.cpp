#include "engine/signer_gates.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace csrflow::engine {

bool SignerGates::open(const SignerName& signer) const {
  const auto gate = gates_.find(signer);
  return gate == gates_.end() || !gate->second.breaker.open();
}

bool SignerGates::failed(const SignerName& signer, Timestamp now, std::optional<Duration> left) {
  const auto gate =
      gates_.try_emplace(signer, Gate{.breaker = SignerBreaker(signer, hash_), .waiting = {}}).first;
  gate->second.breaker.failed(now, left);
  return gate->second.breaker.open() && !std::exchange(gate->second.told_closed, true);
}

void SignerGates::succeeded(const SignerName& signer) {
  if (const auto gate = gates_.find(signer); gate != gates_.end()) gate->second.breaker.succeeded();
}

bool SignerGates::hold_back(const SignerName& signer, DueTimer due) {
  if (held_back_ >= most_held_back) return false;
  gates_.at(signer).waiting.push_back(std::move(due));
  ++held_back_;
  return true;
}

SignerGates::Released SignerGates::release(Timestamp now) {
  Released released;
  for (auto it = gates_.begin(); it != gates_.end();) {
    auto& [signer, gate] = *it;
    if (gate.breaker.open() && !gate.waiting.empty()) {
      if (gate.breaker.take(now)) {
        gate.waiting.front().probe = true;
        released.work.push_back(std::move(gate.waiting.front()));
        gate.waiting.erase(gate.waiting.begin());
        --held_back_;
      }
      ++it;
      continue;
    }
    // A step in which nothing waited for the signer: there is nothing to try it with, so it counts as
    // working.
    if ((gate.breaker.open() && !gate.breaker.take(now)) ||
        (!gate.breaker.open() && gate.breaker.failures() > 0)) {
      ++it;
      continue;
    }
    held_back_ -= gate.waiting.size();
    std::ranges::move(gate.waiting, std::back_inserter(released.work));
    if (gate.told_closed) released.working.push_back(signer);
    it = gates_.erase(it);
  }
  return released;
}

void SignerGates::start_over() {
  for (auto& [signer, gate] : gates_) gate.waiting.clear();
  held_back_ = 0;
}

std::optional<Timestamp> SignerGates::next_probe() const {
  std::optional<Timestamp> first;
  for (const auto& [signer, gate] : gates_)
    if (const auto probe = gate.breaker.next_probe()) first = first ? std::min(*first, *probe) : probe;
  return first;
}

}  // namespace csrflow::engine
