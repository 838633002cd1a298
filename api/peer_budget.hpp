// What is shared between everybody outside, and of which no single address may have all: connections, memory.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace csrflow::api {

/// Thread-safe.
class PeerBudget {
 public:
  PeerBudget(std::size_t all, std::size_t each) : all_(all), each_(each) {}
  PeerBudget(const PeerBudget&) = delete;
  PeerBudget& operator=(const PeerBudget&) = delete;

  /// Given back when it goes. The budget outlives it.
  class Share {
   public:
    Share() = default;
    ~Share() {
      if (budget_) budget_->give_back(peer_, amount_);
    }
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)),
          peer_(std::move(other.peer_)),
          amount_(other.amount_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      peer_.swap(other.peer_);
      std::swap(amount_, other.amount_);
      return *this;
    }
    bool taken() const { return budget_ != nullptr; }

   private:
    friend class PeerBudget;
    Share(PeerBudget& budget, std::string peer, std::size_t amount)
        : budget_(&budget), peer_(std::move(peer)), amount_(amount) {}
    PeerBudget* budget_ = nullptr;
    std::string peer_;
    std::size_t amount_ = 0;
  };

  /// Not `taken` when so much is not left for the peer, or at all.
  [[nodiscard]] Share take(const std::string& peer, std::size_t amount);

 private:
  void give_back(const std::string& peer, std::size_t amount);

  const std::size_t all_, each_;
  std::mutex mutex_;                                    // guards all below
  std::unordered_map<std::string, std::size_t> taken_;  // by peer; never 0
  std::size_t taken_in_all_ = 0;
};

}  // namespace csrflow::api
