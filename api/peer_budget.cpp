#include "api/peer_budget.hpp"

namespace csrflow::api {

PeerBudget::Share PeerBudget::take(const std::string& peer, std::size_t amount) {
  if (amount == 0) return Share(*this, peer, 0);
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(peer);
  const auto mine = found == taken_.end() ? 0 : found->second;
  if (amount > all_ - taken_in_all_ || mine > each_ || amount > each_ - mine) return {};
  taken_in_all_ += amount;
  taken_[peer] = mine + amount;
  return Share(*this, peer, amount);
}

void PeerBudget::give_back(const std::string& peer, std::size_t amount) {
  if (amount == 0) return;
  const std::lock_guard lock(mutex_);
  taken_in_all_ -= amount;
  const auto found = taken_.find(peer);
  found->second -= amount;
  if (found->second == 0) taken_.erase(found);
}

}  // namespace csrflow::api
