// What the log's new events say, counted as they are committed.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "engine/record.hpp"
#include "metrics/instruments.hpp"

namespace csrflow::metrics {

/// Requests may name any signer: the first so many have a label of their own, the rest is `other`.
constexpr std::size_t most_signer_labels = 64;
constexpr std::string_view other_signers = "other";

/// Counts since the start. Its lock is taken once a commit, and once a look.
class EventMeter final : public engine::Follower {
 public:
  void committed(const std::shared_ptr<const engine::Batch>&) override;

  struct RequestEvent {
    std::string signer, type;
    bool operator<(const RequestEvent& o) const {
      return std::tie(signer, type) < std::tie(o.signer, o.type);
    }
  };
  /// Events of requests, those of rotations left out.
  std::map<RequestEvent, std::uint64_t> request_events() const;
  /// By how they went: `due`, `failed`, `rotated`.
  std::map<std::string, std::uint64_t> rotations() const;
  std::uint64_t events() const { return events_.value(); }
  std::uint64_t commits() const { return commits_.value(); }
  /// From an approval until its certificate was durable.
  const Histogram& issuance() const { return issuance_; }

 private:
  void count(const engine::Record&);
  std::string label_of(const engine::SignerName&);

  Counter events_, commits_;
  Histogram issuance_;
  mutable std::mutex mutex_;
  std::map<RequestEvent, std::uint64_t> request_events_;  // guarded by mutex_
  std::set<std::string> signers_;  // guarded by mutex_: those with a label of their own
  // Guarded by mutex_.
  std::map<std::string, std::uint64_t> rotations_{{"due", 0}, {"failed", 0}, {"rotated", 0}};
};

}  // namespace csrflow::metrics
