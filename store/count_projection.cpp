#include "store/count_projection.hpp"

#include "engine/request_state.hpp"

namespace csrflow::store {
namespace {

/// Most events leave a request where it is counted.
bool same_group(const engine::CsrState& a, const engine::CsrState& b) {
  return a.object && b.object && engine::state_of(a) == engine::state_of(b) &&
         a.object->spec->signer_name == b.object->spec->signer_name;
}

}  // namespace

CountProjection::CountProjection(SQLite::Database& db)
    : change_(db,
              "INSERT INTO request_count (signer, state, requests) VALUES (?1, ?2, ?3) "
              "ON CONFLICT DO UPDATE SET requests = requests + ?3"),
      drop_(db, "DELETE FROM request_count WHERE signer = ?1 AND state = ?2 AND requests = 0") {}

void CountProjection::apply(const engine::Record& record) {
  const auto* before = record.csr_before();
  const auto* after = record.csr_after();
  if (before == nullptr || after == nullptr || same_group(*before, *after)) return;
  add(*before, -1);
  add(*after, 1);
}

void CountProjection::add(const engine::CsrState& state, std::int64_t n) {
  if (!state.object) return;
  changes_[{state.object->spec->signer_name.text, engine::state_of(state)}] += n;
}

void CountProjection::finish() {
  for (const auto& [group, change] : changes_) {
    if (change == 0) continue;
    const std::string state(group.second);
    for (auto* statement : {&change_, &drop_}) {
      statement->bindNoCopy(1, group.first);
      statement->bindNoCopy(2, state);
      if (statement == &change_) statement->bind(3, change);
      if (statement == &change_ || change < 0) statement->exec();
      statement->reset();
    }
  }
  changes_.clear();
}

}  // namespace csrflow::store
