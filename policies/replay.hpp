// Counterfactual replay: what recorded history would have become under other policies, each request with the
// facts of its own time.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/past_requests.hpp"
#include "policies/policy.hpp"

namespace csrflow::policies {

/// A version of a policy, or its end (null).
struct PolicyChange {
  engine::Position position;
  engine::Timestamp at;
  std::string name;
  PolicyPtr policy;
};

struct ReplayOptions {
  std::vector<PolicyPtr> policies;                ///< stand for those of the same name, at all times
  bool only = false;                              ///< and for all others, too
  std::optional<engine::Timestamp> since, until;  ///< of a request's creation; `until` exclusive
  std::string signer_name;                        ///< empty: all
  /// A request whose predecessor would not have been approved follows none. In one thread.
  bool cascade = false;
  /// Other lifetimes than those of the time; null, or nothing from it: as it was.
  std::function<std::optional<engine::Duration>(const engine::CsrSpec&)> lifetime = {};
  /// Could this person, at that position, approve for the signer? Null: everybody could.
  std::function<bool(const engine::Word&, const engine::SignerName&, engine::Position)> may_approve = {};
  unsigned threads = 2;
  std::size_t examples = 20;  ///< of each cell
  std::stop_token stop = {};  ///< then the result holds what was replayed until then
  /// On the calling thread, now and then: position reached, head.
  std::function<void(engine::Position, engine::Position)> progress = {};
  engine::Timestamp now;  ///< which certificates are live
};

enum class Recorded : std::uint8_t { approve, deny, person_approve, person_deny, pending, lapsed };
constexpr std::string_view recorded_words[] = {"approve",     "deny",    "person-approve",
                                               "person-deny", "pending", "lapsed"};
enum class Replayed : std::uint8_t { approve, deny, waits, person };
constexpr std::string_view replayed_words[] = {"approve", "deny", "waits", "person"};
/// A person decided, or nobody did, and the policies leave it to people: nothing differs.
bool agrees(Recorded, Replayed);

struct ReplayedRequest {
  engine::Position position;  ///< of its `created`
  std::string request;
  engine::Uid uid;
  std::string signer_name, user;
  std::string recorded, replayed;  ///< why, in a sentence
};
struct ReplayCell {
  std::uint64_t count = 0;
  std::vector<ReplayedRequest> examples;  ///< the oldest
};

struct ReplayResult {
  std::array<std::array<ReplayCell, 4>, 6> cells;  ///< by Recorded and Replayed
  std::uint64_t requests = 0;
  std::uint64_t decisions = 0;  ///< evaluations made
  std::uint64_t unreadable = 0;
  /// Valid certificates whose request would have been denied; the oldest of them.
  std::uint64_t live_denied = 0;
  std::vector<ReplayedRequest> live_denied_examples;
  /// The policies of the time say again what they said: how often that was tested, and where not.
  std::uint64_t tested = 0, not_reproduced = 0;
  std::vector<ReplayedRequest> not_reproduced_examples;
  bool complete = true;  ///< false: it was stopped before the end

  ReplayCell& at(Recorded, Replayed);
  const ReplayCell& at(Recorded, Replayed) const;
  std::uint64_t differing() const;
};
/// Of live certificates that would have been denied, and of decisions that were not reproduced.
constexpr std::size_t most_listed = 1000;

/// `changes`: all policies' versions, in the log's order. Throws engine::UnreadableEvent and what the source
/// throws.
ReplayResult replay(engine::PastSource&, const std::vector<PolicyChange>& changes, const ReplayOptions&);

}  // namespace csrflow::policies
