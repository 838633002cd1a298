#include "store/past_projection.hpp"

#include <algorithm>

#include "store/reset.hpp"

namespace csrflow::store {
namespace {

void bind_bytes(SQLite::Statement& statement, int index, std::string_view bytes) {
  statement.bindNoCopy(index, static_cast<const void*>(bytes.data()), static_cast<int>(bytes.size()));
}

std::string_view view_of(const engine::GroupKey& key) {
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

}  // namespace

std::int64_t sql_position(engine::Position position) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(position.value, INT64_MAX));
}

std::vector<engine::KeyUse> key_uses(SQLite::Statement& statement, const std::string& spki,
                                     engine::Position before) {
  const Reset reset(statement);
  bind_bytes(statement, 1, spki);
  statement.bind(2, sql_position(before));
  std::vector<engine::KeyUse> uses;
  while (statement.executeStep()) {
    const engine::Position position{static_cast<std::uint64_t>(statement.getColumn(0).getInt64())};
    uses.push_back(engine::counted(engine::PastRow{position,
                                                   position,
                                                   {statement.getColumn(1).getInt64()},
                                                   statement.getColumn(2).getString()})
                       .use);
  }
  return uses;
}

engine::Uid lineage_of(SQLite::Statement& statement, const engine::Uid& request) {
  const Reset reset(statement);
  statement.bindNoCopy(1, request.text);
  return statement.executeStep() ? engine::Uid{statement.getColumn(0).getString()} : request;
}

std::expected<engine::RequestDescription, std::string> RequestForms::describe(
    const engine::CsrSpec& spec) const {
  if (reader == nullptr) return std::unexpected("nothing reads requests here");
  return reader->describe(spec.request);
}

PastProjection::PastProjection(SQLite::Database& db, engine::HashFunction hash, RequestForms forms)
    : hash_(hash),
      forms_(forms),
      put_(db, "INSERT INTO past (position, request, recorded_at, data) VALUES (?1, ?2, ?3, ?4)"),
      count_(db,
             "INSERT INTO counted (member, recorded_at, position, number) VALUES (?1, ?2, ?3, 1 + coalesce("
             "(SELECT number FROM counted WHERE member = ?1 ORDER BY recorded_at DESC, position DESC LIMIT "
             "1), 0))"),
      uses_(db, key_uses_sql),
      use_(db, "INSERT INTO key_use (spki, position) VALUES (?1, ?2)"),
      lineage_(db, lineage_sql) {}

void PastProjection::apply(const engine::Record& record) {
  const auto* event = record.csr_event();
  if (event == nullptr) return;
  if (const auto* created = std::get_if<engine::Created>(event))
    made(record, *created);
  else if (const auto row = engine::past_row(record))
    put(*row);
}

void PastProjection::made(const engine::Record& record, const engine::Created& created) {
  const auto description = forms_.describe(*created.object.spec);
  const auto trace =
      engine::trace_of(created, record.stamp.position, record.stamp.recorded_at, record.context->actor.by,
                       description ? &*description : nullptr, forms_.name_form,
                       [this](const engine::Uid& uid) { return lineage_of(lineage_, uid); });
  const auto row = engine::past_row(record, description, trace, hash_);
  if (!row) return;
  put(*row);
  const auto head = engine::counted(*row);
  if (head.counted)
    for (const auto& group : head.groups) count(group, head.use);
  if (!head.spki_sha256.empty()) use_key(head.spki_sha256, head.use);
}

void PastProjection::put(const engine::PastRow& row) {
  put_.bind(1, sql_position(row.position));
  put_.bind(2, sql_position(row.request));
  put_.bind(3, row.recorded_at.microseconds);
  bind_bytes(put_, 4, row.data);
  put_.exec();
  put_.reset();
}

void PastProjection::count(const engine::GroupKey& group, const engine::KeyUse& use) {
  bind_bytes(count_, 1, view_of(group));
  count_.bind(2, use.recorded_at.microseconds);
  count_.bind(3, sql_position(use.position));
  count_.exec();
  count_.reset();
}

void PastProjection::use_key(const std::string& spki, const engine::KeyUse& use) {
  if (!engine::tells_more(key_uses(uses_, spki, use.position), use)) return;
  bind_bytes(use_, 1, spki);
  use_.bind(2, sql_position(use.position));
  use_.exec();
  use_.reset();
}

}  // namespace csrflow::store
