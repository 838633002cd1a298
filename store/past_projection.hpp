// What policies must know of the past: requests in a compact form, how many there were, who used a key.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "engine/past_requests.hpp"
#include "engine/recent_requests.hpp"
#include "store/projection.hpp"

namespace csrflow::store {

/// How requests are read. Both are pure; null: none can be read, and names and keys are not known.
struct RequestForms {
  const engine::RequestReader* reader = nullptr;
  engine::NameForm name_form = nullptr;

  std::expected<engine::RequestDescription, std::string> describe(const engine::CsrSpec&) const;
};

class PastProjection final : public Projection {
 public:
  /// After the lineage's projection, whose table it reads.
  PastProjection(SQLite::Database&, engine::HashFunction, RequestForms);
  void apply(const engine::Record&) override;

 private:
  void made(const engine::Record&, const engine::Created&);
  void put(const engine::PastRow&);
  void count(const engine::GroupKey&, const engine::KeyUse&);
  void use_key(const std::string& spki, const engine::KeyUse&);

  const engine::HashFunction hash_;
  const RequestForms forms_;
  SQLite::Statement put_;
  SQLite::Statement count_;
  SQLite::Statement uses_;
  SQLite::Statement use_;
  SQLite::Statement lineage_;
};

// Queries that the history shares.
constexpr auto key_uses_sql =
    "SELECT past.position, past.recorded_at, past.data FROM key_use JOIN past ON past.position = "
    "key_use.position WHERE key_use.spki = ?1 AND key_use.position < ?2 ORDER BY key_use.position";
constexpr auto lineage_sql = "SELECT began_with FROM lineage WHERE uid = ?1";
std::vector<engine::KeyUse> key_uses(SQLite::Statement&, const std::string& spki, engine::Position before);
engine::Uid lineage_of(SQLite::Statement&, const engine::Uid&);

/// A position or none as SQLite keeps it.
std::int64_t sql_position(engine::Position);

}  // namespace csrflow::store
