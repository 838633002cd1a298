#include "api/snapshot.hpp"

#include <algorithm>

#include "api/presenter.hpp"
#include "engine/shown_object.hpp"
#include "engine/streams.hpp"

namespace csrflow::api {
namespace {

constexpr std::size_t read_at_once = 512;
constexpr std::size_t cached_streams = 512;

using engine::ObjectRow;

}  // namespace

/// What the objects that changed after a position were like then.
class Snapshot::Changes {
 public:
  Changes(const Resource& resource, const engine::EventLog& log, engine::Position at)
      : resource_(resource), reader_(log.reader(), at, cached_streams) {}

  void read_until(engine::Position position) {
    while (reader_.position() < position) {
      const auto batch = reader_.next(read_at_once);
      if (batch.empty()) return;
      for (const auto& record : batch) take(record);
    }
  }
  engine::Position position() const { return reader_.position(); }
  /// Nobody asks for these again.
  void forget_until(const std::string& name) {
    objects_.erase(objects_.begin(), objects_.upper_bound(name));
    forgotten_ = name;
  }

  struct Then {
    std::optional<ObjectRow> row;  // nothing: it did not exist
    bool exists_now = false;
  };
  const std::map<std::string, Then>& objects() const { return objects_; }

 private:
  void take(const engine::Record& record) {
    if (record.stamp.stream.collection() != resource_.stream_category) return;
    const engine::ObjectMeta* meta = engine::live_meta(*record.after);
    if (!meta) meta = engine::live_meta(*record.before);
    if (!meta || meta->name <= forgotten_) return;
    const auto [entry, first] = objects_.try_emplace(meta->name);
    entry->second.exists_now = engine::live_meta(*record.after) != nullptr;
    if (first && engine::live_meta(*record.before)) {
      const auto version = engine::resource_version(*record.before);
      entry->second.row = object_row(*record.before, version, engine::live_tail(*record.before, version));
    }
  }

  const Resource& resource_;
  engine::RecordReader reader_;
  std::map<std::string, Then> objects_;
  std::string forgotten_;
};

namespace {

bool wanted(const engine::ListQuery& query, const ObjectRow& row) {
  return row.name > query.name_after && (!query.name || *query.name == row.name) &&
         (!query.matches || query.matches(row));
}

/// Puts the rows of then in the place of today's; returns how many rows there were more than there are now.
template <typename Changes>
std::int64_t exchange_rows(std::vector<ObjectRow>& rows, const engine::ListQuery& query,
                           const Changes& changes) {
  std::erase_if(rows, [&](const ObjectRow& row) { return changes.objects().contains(row.name); });
  std::int64_t more = 0;
  for (const auto& [name, then] : changes.objects()) {
    if (name <= query.name_after) continue;
    more += (then.row ? 1 : 0) - (then.exists_now ? 1 : 0);
    if (then.row && wanted(query, *then.row)) rows.push_back(*then.row);
  }
  std::ranges::sort(rows, {}, &ObjectRow::name);
  return more;
}

}  // namespace

Snapshot::Snapshot(const Resource& resource, engine::ObjectViews& views, const engine::EventLog& log,
                   engine::Position at)
    : views_(views), at_(at), changes_(std::make_unique<Changes>(resource, log, at)) {}
Snapshot::~Snapshot() = default;

engine::ObjectList Snapshot::list(const engine::ListQuery& query) {
  Changes& changes = *changes_;
  changes.forget_until(query.name_after);
  engine::ObjectList list;
  do {
    changes.read_until(views_.position());
    auto enough = query;
    if (query.limit) enough.limit = *query.limit + changes.objects().size();
    list = views_.list(enough);
  } while (changes.position() < list.position);

  const auto today = static_cast<std::int64_t>(list.rows.size() + list.remaining);
  // Beyond the last row that was read, nothing of then may stand before what was not read.
  const auto last_read = list.more && !list.rows.empty() ? list.rows.back().name : std::string();
  list.reached = last_read;
  const auto difference = exchange_rows(list.rows, query, changes);
  if (list.more) std::erase_if(list.rows, [&](const ObjectRow& row) { return row.name > last_read; });
  if (query.limit && list.rows.size() > *query.limit) {
    list.rows.resize(*query.limit);
    list.more = true;
    list.reached = list.rows.empty() ? query.name_after : list.rows.back().name;
  }
  if (!query.matches)
    list.remaining = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, today + difference - static_cast<std::int64_t>(list.rows.size())));
  list.position = at_;
  return list;
}

engine::ObjectList list_at(const Resource& resource, engine::ObjectViews& views, const engine::EventLog& log,
                           engine::Position at, const engine::ListQuery& query) {
  return Snapshot(resource, views, log, at).list(query);
}

}  // namespace csrflow::api
