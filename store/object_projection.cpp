#include "store/object_projection.hpp"

#include "store/text_map.hpp"

namespace csrflow::store {

ObjectProjection::ObjectProjection(SQLite::Database& db, const engine::ObjectPresenter& presenter)
    : presenter_(presenter),
      put_(
          db,
          "INSERT INTO object (resource, name, uid, resource_version, creation, labels, fields, cells, tail, "
          "metadata_bytes, deleted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
          "ON CONFLICT (resource, name) DO UPDATE SET uid = ?3, resource_version = ?4, creation = ?5, labels "
          "= ?6, "
          "fields = ?7, cells = ?8, tail = ?9, metadata_bytes = ?10, deleted_at = ?11") {}

void ObjectProjection::apply(const engine::Record& record) {
  auto row = presenter_.row(record);
  if (!row) return;
  auto key = std::pair(row->resource, row->name);
  newest_.insert_or_assign(std::move(key), Newest{std::move(*row), record.stamp.position});
}

void ObjectProjection::finish() {
  for (const auto& [key, newest] : newest_) {
    const auto& row = newest.row;
    const std::string labels = to_text(row.labels);
    const std::string fields = to_text(row.fields);
    put_.bindNoCopy(1, row.resource);
    put_.bindNoCopy(2, row.name);
    put_.bindNoCopy(3, row.uid.text);
    put_.bind(4, static_cast<std::int64_t>(row.resource_version.value));
    put_.bind(5, row.creation.microseconds);
    put_.bindNoCopy(6, labels);
    put_.bindNoCopy(7, fields);
    put_.bindNoCopy(8, row.cells);
    put_.bindNoCopy(9, static_cast<const void*>(row.tail.data()), static_cast<int>(row.tail.size()));
    put_.bind(10, static_cast<std::int64_t>(row.metadata_bytes));
    if (row.tail.empty())
      put_.bind(11, static_cast<std::int64_t>(newest.position.value));
    else
      put_.bind(11);  // NULL
    put_.exec();
    put_.reset();
  }
  newest_.clear();
}

}  // namespace csrflow::store
