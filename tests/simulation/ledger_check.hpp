// What must hold of every year: no request has two certificates, no certificate ran out while the server
// could have done something, and no more was begun at once than the caps allow.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "engine/record.hpp"
#include "engine/rotation_rules.hpp"

namespace csrflow::test {

/// Belongs to one thread at a time.
class LedgerCheck {
 public:
  explicit LedgerCheck(engine::RotationLimits limits) : limits_(limits) {}

  /// From here on rotations could be done, or could not: the server, its signer or its clock was away.
  void able(engine::Timestamp at, bool);
  /// A host will act on the certificate of this request at that moment: nobody can before.
  void host_acts(const std::string& stream, engine::Timestamp at) { host_acts_[stream] = at; }
  void note(const engine::Record&);

  std::uint64_t certificates() const { return certificates_; }
  std::uint64_t rotations() const { return rotations_; }
  std::uint64_t expired_while_away() const { return excused_; }
  std::size_t most_in_flight() const { return most_in_flight_; }
  /// Sentences; at most 20.
  const std::vector<std::string>& broken() const { return broken_; }

 private:
  struct Certificate {
    engine::Timestamp due, not_after;
  };
  void complain(std::string);
  void begin(const engine::Record&, const engine::RotationDue&);
  void ended_without_successor(const engine::StreamId&, const engine::LedgerEntry&, engine::Timestamp now);
  engine::Duration longest_ability(engine::Timestamp from, engine::Timestamp to) const;

  const engine::RotationLimits limits_;
  std::map<engine::Timestamp, bool> ability_;
  std::unordered_map<std::string, engine::Timestamp> host_acts_;
  std::unordered_map<std::string, int> signatures_;  // by uid, of certificates still in force
  std::map<engine::SignerName, std::deque<engine::Timestamp>> begun_;  // of the last second or so
  std::unordered_map<std::string, int> in_flight_;                     // successors announced and not signed
  std::uint64_t certificates_ = 0, rotations_ = 0, excused_ = 0;
  std::size_t most_in_flight_ = 0;
  std::vector<std::string> broken_;
};

}  // namespace csrflow::test
