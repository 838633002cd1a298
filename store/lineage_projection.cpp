#include "store/lineage_projection.hpp"

namespace csrflow::store {

LineageProjection::LineageProjection(SQLite::Database& db)
    : begin_(db,
             "INSERT INTO lineage (uid, name, base_name, generation, predecessor, predecessor_uid, "
             "predecessor_serial, created_at, began_with) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
             "coalesce((SELECT began_with FROM lineage WHERE uid = ?6), ?6))"),
      complete_(db, "UPDATE lineage SET serial = ?2, rotated_at = ?3 WHERE uid = ?1") {}

void LineageProjection::apply(const engine::Record& record) {
  const auto* event = record.csr_event();
  if (event == nullptr) return;
  if (const auto* created = std::get_if<engine::Created>(event)) {
    // Whoever only says that it follows does not belong to the lineage: its keys are somebody else's.
    if (created->predecessor && !created->predecessor->claim) begin(record.stamp, *created);
  } else if (const auto* rotated = std::get_if<engine::Rotated>(event)) {
    complete(record.stamp, *rotated);
  }
}

void LineageProjection::begin(const engine::Stamp& stamp, const engine::Created& created) {
  const auto& predecessor = *created.predecessor;
  const std::string serial = predecessor.serial.hex();
  begin_.bindNoCopy(1, created.object.meta.uid.text);
  begin_.bindNoCopy(2, created.object.meta.name);
  begin_.bindNoCopy(3, predecessor.base_name);
  begin_.bind(4, static_cast<std::int64_t>(predecessor.generation));
  begin_.bindNoCopy(5, predecessor.name);
  begin_.bindNoCopy(6, predecessor.uid.text);
  begin_.bindNoCopy(7, serial);
  begin_.bind(8, static_cast<std::int64_t>(stamp.position.value));
  begin_.exec();
  begin_.reset();
}

void LineageProjection::complete(const engine::Stamp& stamp, const engine::Rotated& rotated) {
  const std::string serial = rotated.successor_serial.hex();
  complete_.bindNoCopy(1, rotated.successor_uid.text);
  complete_.bindNoCopy(2, serial);
  complete_.bind(3, static_cast<std::int64_t>(stamp.position.value));
  complete_.exec();
  complete_.reset();
}

}  // namespace csrflow::store
