#include "store/unreplaced_projection.hpp"

#include <algorithm>

namespace csrflow::store {
namespace {

/// Of the ledger's certificate; 0: it is not there.
engine::Position signed_at(const engine::Record& record, const engine::Uid& uid) {
  const auto* state = record.csr_before();
  const auto* held = state ? state->certificate_of(uid) : nullptr;
  return held ? held->signed_at : engine::Position{};
}

/// Of csrflow's own certificate; 0: it is not there.
engine::Position signed_at(const engine::Record& record, const engine::Serial& serial) {
  const auto& held = std::get<engine::OwnState>(*record.before).held;
  const auto found = std::ranges::find(held, serial, [](const auto& h) { return h.certificate.serial; });
  return found == held.end() ? engine::Position{} : found->signed_at;
}

}  // namespace

UnreplacedProjection::UnreplacedProjection(SQLite::Database& db)
    : add_(db, "INSERT INTO unreplaced (signed_at, not_after) VALUES (?1, ?2)"),
      remove_(db, "DELETE FROM unreplaced WHERE signed_at = ?1") {}

void UnreplacedProjection::apply(const engine::Record& record) {
  if (const auto* csr = record.csr_event()) {
    apply(record, *csr);
  } else if (const auto* own = std::get_if<engine::OwnEvent>(record.event.get())) {
    apply(record, *own);
  } else if (const auto* authority = std::get_if<engine::AuthorityEvent>(record.event.get())) {
    if (const auto* e = std::get_if<engine::CaIssued>(authority)) add(record.stamp.position, e->not_after);
  }
}

void UnreplacedProjection::apply(const engine::Record& record, const engine::CsrEvent& event) {
  if (const auto* made = std::get_if<engine::Signed>(&event)) add(record.stamp.position, made->not_after);
  if (const auto* e = std::get_if<engine::Rotated>(&event)) remove(signed_at(record, e->uid));
  if (const auto* e = std::get_if<engine::Expired>(&event)) remove(signed_at(record, e->uid));
}

void UnreplacedProjection::apply(const engine::Record& record, const engine::OwnEvent& event) {
  if (const auto* made = std::get_if<engine::OwnSigned>(&event)) add(record.stamp.position, made->not_after);
  if (const auto* e = std::get_if<engine::OwnRotated>(&event)) remove(signed_at(record, e->serial));
  if (const auto* e = std::get_if<engine::OwnExpired>(&event)) remove(signed_at(record, e->serial));
}

void UnreplacedProjection::add(engine::Position signed_at, engine::Timestamp not_after) {
  add_.bind(1, static_cast<std::int64_t>(signed_at.value));
  add_.bind(2, not_after.microseconds);
  add_.exec();
  add_.reset();
}

void UnreplacedProjection::remove(engine::Position signed_at) {
  remove_.bind(1, static_cast<std::int64_t>(signed_at.value));
  remove_.exec();
  remove_.reset();
}

}  // namespace csrflow::store
