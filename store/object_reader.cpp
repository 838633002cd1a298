#include "store/object_reader.hpp"

#include "store/error.hpp"
#include "store/reset.hpp"
#include "store/sqlite.hpp"
#include "store/text_map.hpp"

namespace csrflow::store {
namespace {

// What is large stands apart, so that rows that nobody wants cost little.
constexpr auto columns =
    "SELECT resource, name, uid, resource_version, creation, labels, fields, rowid FROM object "
    "WHERE resource = ?1 AND deleted_at IS NULL AND name ";

engine::ObjectRow without_body(const SQLite::Statement& statement) {
  engine::ObjectRow row;
  row.resource = statement.getColumn(0).getString();
  row.name = statement.getColumn(1).getString();
  row.uid = {statement.getColumn(2).getString()};
  row.resource_version = {static_cast<std::uint64_t>(statement.getColumn(3).getInt64())};
  row.creation = {statement.getColumn(4).getInt64()};
  row.labels = map_from_text(statement.getColumn(5).getString());
  row.fields = map_from_text(statement.getColumn(6).getString());
  return row;
}

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
      body_(*db_, "SELECT cells, tail, metadata_bytes FROM object WHERE rowid = ?1"),
      count_(*db_,
             "SELECT count(*) FROM object INDEXED BY object_live WHERE resource = ?1 AND deleted_at IS NULL "
             "AND name > ?2") {}

std::optional<engine::ObjectRow> ObjectReader::get(const std::string& resource, const std::string& name) {
  const ReadTransaction transaction(*db_);
  const Reset reset{one_};
  one_.bindNoCopy(1, resource);
  one_.bindNoCopy(2, name);
  if (!one_.executeStep()) return std::nullopt;
  return row_in(one_, {});
}

/// Nothing when the query does not want it.
std::optional<engine::ObjectRow> ObjectReader::row_in(const SQLite::Statement& statement,
                                                      const engine::ListQuery& query) {
  auto row = without_body(statement);
  if (query.matches && !query.matches(row)) return std::nullopt;
  const Reset reset{body_};
  body_.bind(1, statement.getColumn(7).getInt64());
  if (!body_.executeStep()) throw StoreError("views.db is damaged: an object is only in its index");
  row.cells = body_.getColumn(0).getString();
  row.tail = body_.getColumn(1).getString();
  row.metadata_bytes = static_cast<std::size_t>(body_.getColumn(2).getInt64());
  return row;
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
  std::size_t bytes = 0;
  while (statement.executeStep()) {
    auto row = row_in(statement, query);
    if (!row) continue;
    if (query.name && row->name <= query.name_after) break;
    if ((query.limit && list.rows.size() == *query.limit) || bytes >= query.tail_bytes) {
      list.more = true;
      list.reached = list.rows.empty() ? query.name_after : list.rows.back().name;
      break;
    }
    bytes += row->tail.size();
    list.rows.push_back(std::move(*row));
  }
  if (list.more && query.count && !query.matches && !list.rows.empty())
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
