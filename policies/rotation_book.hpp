// The rotation policies that are in force, and what else timers and decisions follow, as the log has them.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "engine/followed_rules.hpp"
#include "engine/ports.hpp"
#include "engine/request_description.hpp"
#include "engine/request_history.hpp"
#include "engine/same_request.hpp"
#include "policies/notification_sink.hpp"
#include "policies/rotation_policy.hpp"

namespace csrflow::policies {

/// What the book asks about requests and signers; it knows neither PKCS#10 nor Signers.
struct RotationSources {
  /// Outlives the book; should remember what it has read (engine::CachedRequestReader): the same request is
  /// asked about at each of its events. Asked only when a document in force matches by subject or names.
  const engine::RequestReader& requests;
  /// What the description leaves out; the error says why it cannot be read.
  std::function<std::expected<engine::RequestEncoding, std::string>(const engine::Bytes& pem)> encoding;
  /// The longest lifetime that a Signer gives, a built-in one too, with what is backdated; nothing when it
  /// signs nothing.
  std::function<std::optional<engine::Duration>(const engine::ConfigObject&)> longest_lifetime;
};

/// One instance follows the writer, another one the views: each answers as of the last event that it was told
/// of. What is asked may be asked by any thread.
class RotationBook : public engine::FollowedRules, public engine::Follower {
 public:
  /// With what the log holds up to `until`, inclusive. Throws engine::UnreadableEvent when a document there
  /// is none for this program: without it certificates would rotate otherwise than their owners say.
  RotationBook(engine::EventReader&, RotationSources, engine::Position until = engine::everything);

  engine::AffectedTimers take(const engine::Record&) override;
  void committed(const std::shared_ptr<const engine::Batch>&) override;

  std::optional<engine::RotationOrder> named(std::string_view policy, const engine::CsrState&) const override;
  std::optional<engine::RotationOrder> matching(const engine::CsrState&) const override;
  bool expiry_is_watched(const engine::CsrState&) const override;
  std::string difference_of(const engine::CsrState& predecessor,
                            const engine::CsrState& successor) const override;
  engine::Duration longest_lifetime() const override;

  /// How many policies are in force.
  std::size_t size() const;

 private:
  struct InForce {
    RotationPolicyPtr policy;
    engine::Position since;
    engine::Timestamp since_time;
  };
  /// All of it at one position. Immutable once published.
  struct Standing {
    std::map<std::string, InForce, std::less<>> by_name;
    std::vector<RotationPolicyPtr> policies;          // the same, for the matching
    std::vector<NotificationSinkPtr> watching;        // sinks that want to hear of expiry
    bool looks_into_requests = false;                 // one of `policies` does
    std::map<std::string, engine::Duration> signers;  // longest lifetimes, by stream
    void index();                                     // brings what follows from `by_name` up to date
    engine::Duration longest_lifetime() const;
  };
  struct Change {
    const engine::StreamId& stream;
    const engine::ConfigEvent& event;
    engine::Position at;
    engine::Timestamp time;
  };

  engine::AffectedTimers apply(Standing&, const Change&) const;
  engine::AffectedTimers apply_policy(Standing&, const Change&) const;
  engine::AffectedTimers apply_sink(Standing&, const Change&) const;
  engine::AffectedTimers apply_signer(Standing&, const Change&) const;
  static engine::RotationOrder order(const InForce&, const engine::CsrState&);
  const engine::RequestReader* reader_for(bool looks_into_requests) const;
  const RotationPolicy* policy_of(const Standing&, const engine::CsrState& predecessor) const;
  std::shared_ptr<const Standing> current() const;
  void publish(std::shared_ptr<const Standing>);

  const RotationSources sources_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Standing> current_;  // guarded by mutex_; replaced by the thread that takes
};

}  // namespace csrflow::policies
