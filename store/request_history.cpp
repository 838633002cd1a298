#include "store/request_history.hpp"

#include "store/error.hpp"
#include "store/object_reader.hpp"
#include "store/reset.hpp"
#include "store/sqlite.hpp"

namespace csrflow::store {

SqliteRequestHistory::SqliteRequestHistory(const DataFiles& files, const engine::ObjectViews& views,
                                           engine::HashFunction hash, RequestForms forms)
    : views_(views),
      hash_(hash),
      forms_(forms),
      db_(open_views(files)),
      position_(*db_, "SELECT position FROM reached"),
      // A group's rows are in the log's order by either column, so both bounds cut off its end.
      number_(*db_,
              "SELECT number FROM counted WHERE member = ?1 AND recorded_at <= ?2 AND position < ?3 "
              "ORDER BY recorded_at DESC, position DESC LIMIT 1"),
      uses_(*db_, key_uses_sql),
      lineage_(*db_, lineage_sql) {}

void SqliteRequestHistory::committed(const std::shared_ptr<const engine::Batch>& batch) {
  for (const auto& record : *batch) {
    const auto* event = record.csr_event();
    if (const auto* created = event ? std::get_if<engine::Created>(event) : nullptr) note(record, *created);
  }
  recent_.forget(views_.position());
}

void SqliteRequestHistory::note(const engine::Record& record, const engine::Created& created) {
  const auto description = forms_.describe(*created.object.spec);
  recent_.add(engine::trace_of(created, record.stamp.position, record.stamp.recorded_at,
                               record.context->actor.by, description ? &*description : nullptr,
                               forms_.name_form, [this](const engine::Uid& uid) { return lineage_of(uid); }));
}

engine::Position SqliteRequestHistory::shown() const {
  const Reset reset(position_);
  if (!position_.executeStep()) throw StoreError("views.db is damaged: it does not say what it shows");
  return {static_cast<std::uint64_t>(position_.getColumn(0).getInt64())};
}

std::uint64_t SqliteRequestHistory::last_number(const engine::GroupKey& group, engine::Timestamp until,
                                                engine::Position before) const {
  const Reset reset(number_);
  number_.bindNoCopy(1, static_cast<const void*>(group.data()), static_cast<int>(group.size()));
  number_.bind(2, until.microseconds);
  number_.bind(3, sql_position(before));
  return number_.executeStep() ? static_cast<std::uint64_t>(number_.getColumn(0).getInt64()) : 0;
}

std::uint64_t SqliteRequestHistory::count(const engine::RequestGroup& group,
                                          const engine::RequestSpan& span) const {
  const auto key = engine::key_of(group, hash_);
  const ReadTransaction transaction(*db_);
  const auto until = last_number(key, span.until, span.before);
  const auto after = last_number(key, span.after, span.before);
  return (until > after ? until - after : 0) + recent_.count(group, span, shown());
}

std::vector<engine::KeyUse> SqliteRequestHistory::key_uses(const std::string& spki_sha256,
                                                           engine::Position before) const {
  const auto spki = engine::from_hex(spki_sha256);
  if (!spki || spki->empty()) return {};
  const ReadTransaction transaction(*db_);
  auto uses = store::key_uses(uses_, *spki, before);
  recent_.add_key_uses(uses, spki_sha256, before, shown());
  return uses;
}

engine::Uid SqliteRequestHistory::lineage_of(const engine::Uid& request) const {
  if (auto found = recent_.lineage_of(request)) return *std::move(found);
  return store::lineage_of(lineage_, request);
}

}  // namespace csrflow::store
