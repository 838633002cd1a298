// Which Signers are in force, now and at any position of the past.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>

#include "engine/ports.hpp"
#include "engine/record.hpp"
#include "signer/signer_document.hpp"

namespace csrflow::signer {

/// The Signers as they follow each other in the log. A document that this program cannot read is not in
/// force. Belongs to one thread.
class SignerHistory {
 public:
  SignerHistory() = default;
  /// All that the log holds at the reader's head.
  explicit SignerHistory(engine::EventReader&);

  /// Positions rise within one signer.
  void add(const engine::StreamId&, engine::Position, const engine::ConfigEvent&);
  /// What was in force just after the event at `position`; null: no such signer.
  SignerProfilePtr at(const engine::SignerName&, engine::Position position) const;
  SignerProfilePtr now(const engine::SignerName&) const;
  /// In the order of their names.
  std::vector<SignerProfilePtr> all() const;

 private:
  struct Change {
    engine::Position position;
    SignerProfilePtr profile;  // null: none from here on
  };
  std::map<std::string, std::vector<Change>, std::less<>> changes_;  // by signer
  std::map<std::string, engine::Uid, std::less<>> uids_;             // of the live objects
};

/// Follows the log. Lookups from any thread.
class SignerBook : public engine::Follower {
 public:
  /// Reads what the log holds. Nothing may be committed between this and the first `committed`.
  explicit SignerBook(engine::EventReader&);

  void committed(const std::shared_ptr<const engine::Batch>&) override;

  /// Null: no such signer.
  SignerProfilePtr find(const engine::SignerName&) const;
  SignerProfilePtr find_at(const engine::SignerName&, engine::Position) const;
  std::vector<SignerProfilePtr> all() const;

 private:
  mutable std::shared_mutex mutex_;
  SignerHistory history_;  // guarded by mutex_
};

}  // namespace csrflow::signer
