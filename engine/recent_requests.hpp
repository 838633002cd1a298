// The traces of a few requests, in memory: what the views do not show yet, and what is not committed yet.
#pragma once

#include <deque>
#include <unordered_map>

#include "engine/request_history.hpp"

namespace csrflow::engine {

/// Answers as RequestHistory, for the requests that were added alone. Belongs to one thread.
class RecentRequests {
 public:
  /// In the log's order.
  void add(RequestTrace);
  /// Forgets those at or before `position`.
  void forget(Position position);

  /// Of those after `after` only.
  std::uint64_t count(const RequestGroup&, const RequestSpan&, Position after = {}) const;
  /// Adds to `uses`, which are those before, what they do not tell already.
  void add_key_uses(std::vector<KeyUse>& uses, const std::string& spki_sha256, Position before,
                    Position after = {}) const;
  /// Nothing when it is none of them.
  std::optional<Uid> lineage_of(const Uid& request) const;

  std::size_t size() const { return traces_.size(); }

 private:
  struct Moment {
    Position position;
    Timestamp recorded_at;
  };
  static std::string key_of(const RequestGroup&);

  std::deque<RequestTrace> traces_;
  std::unordered_map<std::string, std::deque<Moment>> groups_;
  std::unordered_map<std::string, std::deque<KeyUse>> keys_;
  std::unordered_map<std::string, Uid> lineages_;
};

/// Does `use` tell more than the earlier ones: the first, the first by another user than the first's, or the
/// first outside the first's lineage?
bool tells_more(std::span<const KeyUse> earlier, const KeyUse& use);

}  // namespace csrflow::engine
