// How many requests are worked on at once, and in which order those go on that must wait (decision on fair
// queueing): reads, writes, and watches each have their own limits.
#pragma once

#include "api/alarms.hpp"
#include "api/fair_queue.hpp"
#include "metrics/http_meter.hpp"

namespace csrflow::api {

struct GateLimits {
  FairQueueLimits reads{.seats = 400};            ///< as kube-apiserver's max-requests-inflight
  FairQueueLimits writes{.seats = 200};           ///< max-mutating-requests-inflight
  std::chrono::milliseconds waiting_for{15'000};  ///< then refused; a quarter of the time for a request
  std::size_t watches = 8'000;
  std::size_t watches_per_user = 2'000;
};

using Lane = metrics::HttpLane;

/// Thread-safe.
class RequestGate {
 public:
  /// Runs what may go on for `user`, on another thread, soon.
  using Run = std::function<void(const std::string& user, std::move_only_function<void()>)>;

  RequestGate(const GateLimits&, Alarms&, Run);

  /// A place that was given; left when it goes. The gate outlives it.
  class Seat {
   public:
    Seat() = default;
    ~Seat() {
      if (gate_) gate_->leave(lane_, user_);
    }
    Seat(Seat&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), lane_(other.lane_), user_(std::move(other.user_)) {}
    Seat& operator=(Seat&& other) noexcept {
      std::swap(gate_, other.gate_);
      std::swap(lane_, other.lane_);
      user_.swap(other.user_);
      return *this;
    }
    bool taken() const { return gate_ != nullptr; }

   private:
    friend class RequestGate;
    Seat(RequestGate& gate, Lane lane, std::string user)
        : gate_(&gate), lane_(lane), user_(std::move(user)) {}
    RequestGate* gate_ = nullptr;
    Lane lane_ = Lane::read;
    std::string user_;
  };

  /// Calls back once: with a seat now or, through `run`, later; or without one when there are too many.
  using Admitted = std::move_only_function<void(Seat)>;
  void enter(Lane, const std::string& user, Admitted);
  /// Whoever waits, and whoever comes from now on and had to wait, is refused.
  void close();
  metrics::RequestsNow now();

 private:
  struct Waiting {
    Lane lane = Lane::read;
    std::string user;
    Admitted admitted;
    Alarms::Set patience;
  };
  using Ticket = FairQueue::Ticket;

  FairQueue& queue(Lane lane) { return lane == Lane::write ? writes_ : reads_; }
  bool take_watch(const std::string& user);
  void leave(Lane, const std::string& user);
  void leave_watch(const std::string& user);
  void refuse(Ticket);

  const GateLimits limits_;
  Alarms& alarms_;
  const Run run_;
  std::mutex mutex_;  // guards all below
  FairQueue reads_, writes_;
  std::unordered_map<Ticket, Waiting> waiting_;
  std::unordered_map<std::string, std::size_t> watches_of_;  // by user; never 0
  std::size_t watches_ = 0;
  Ticket next_ = 0;
  bool closed_ = false;
};

}  // namespace csrflow::api
