#include "store/object_reader.hpp"

#include "store/sqlite.hpp"
#include "store/text_map.hpp"

namespace csrflow::store {
namespace {

constexpr auto columns =
    "SELECT resource, name, uid, resource_version, creation, labels, fields, cells, tail, metadata_bytes "
    "FROM object "
    "WHERE resource = ?1 AND deleted_at IS NULL AND name ";

engine::ObjectRow row_in(const SQLite::Statement& statement) {
  engine::ObjectRow row;
  row.resource = statement.getColumn(0).getString();
  row.name = statement.getColumn(1).getString();
  row.uid = {statement.getColumn(2).getString()};
  row.resource_version = {static_cast<std::uint64_t>(statement.getColumn(3).getInt64())};
  row.creation = {statement.getColumn(4).getInt64()};
  row.labels = map_from_text(statement.getColumn(5).getString());
  row.fields = map_from_text(statement.getColumn(6).getString());
  row.cells = statement.getColumn(7).getString();
  row.tail = statement.getColumn(8).getString();
  row.metadata_bytes = static_cast<std::size_t>(statement.getColumn(9).getInt64());
  return row;
}

// A statement that is not reset would keep the transaction open.
struct Reset {
  SQLite::Statement& statement;
  ~Reset() { statement.tryReset(); }
};

}  // namespace

std::unique_ptr<SQLite::Database> open_views(const DataFiles& files) {
  auto db = open_connection(files.views(), Access::read);
  set_up_reader(*db);
  return db;
}

ObjectReader::ObjectReader(const DataFiles& files)
    : db_(open_views(files)),
      position_(*db_, "SELECT position FROM reached"),
      one_(*db_, std::string(columns) + "= ?2"),
      following_(*db_, std::string(columns) + "> ?2 ORDER BY name"),
      count_(*db_, "SELECT count(*) FROM object WHERE resource = ?1 AND deleted_at IS NULL AND name > ?2") {}

std::optional<engine::ObjectRow> ObjectReader::get(const std::string& resource, const std::string& name) {
  const Reset reset{one_};
  one_.bindNoCopy(1, resource);
  one_.bindNoCopy(2, name);
  if (!one_.executeStep()) return std::nullopt;
  return row_in(one_);
}

engine::ObjectList ObjectReader::list(const engine::ListQuery& query) {
  const ReadTransaction transaction(*db_);
  engine::ObjectList list;
  {
    const Reset reset{position_};
    position_.executeStep();
    list.position = {static_cast<std::uint64_t>(position_.getColumn(0).getInt64())};
  }
  SQLite::Statement& statement = query.name ? one_ : following_;
  const Reset reset{statement};
  statement.bindNoCopy(1, query.resource);
  statement.bindNoCopy(2, query.name ? *query.name : query.name_after);
  while (statement.executeStep()) {
    auto row = row_in(statement);
    if (query.name && row.name <= query.name_after) break;
    if (query.matches && !query.matches(row)) continue;
    if (query.limit && list.rows.size() == *query.limit) {
      list.more = true;
      break;
    }
    list.rows.push_back(std::move(row));
  }
  if (list.more && !query.matches && !list.rows.empty())
    list.remaining = count_after(query.resource, list.rows.back().name);
  return list;
}

std::uint64_t ObjectReader::count_after(const std::string& resource, const std::string& name) {
  const Reset reset{count_};
  count_.bindNoCopy(1, resource);
  count_.bindNoCopy(2, name);
  count_.executeStep();
  return static_cast<std::uint64_t>(count_.getColumn(0).getInt64());
}

}  // namespace csrflow::store
