#include "store/delivery_projection.hpp"

namespace csrflow::store {

DeliveryProjection::DeliveryProjection(SQLite::Database& db)
    : put_(db,
           "INSERT INTO open_delivery (stream, dead) VALUES (?1, ?2) "
           "ON CONFLICT DO UPDATE SET dead = excluded.dead"),
      remove_(db, "DELETE FROM open_delivery WHERE stream = ?1") {}

void DeliveryProjection::apply(const engine::Record& record) {
  const auto* after = std::get_if<engine::DeliveryState>(record.after.get());
  if (after == nullptr) return;
  SQLite::Statement& statement = after->delivered ? remove_ : put_;
  statement.bindNoCopy(1, record.stamp.stream.text);
  if (!after->delivered) statement.bind(2, after->dead ? 1 : 0);
  statement.exec();
  statement.reset();
}

}  // namespace csrflow::store
