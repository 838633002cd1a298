#include "store/delivery_list.hpp"

#include <algorithm>
#include <set>

#include "engine/streams.hpp"
#include "store/error.hpp"
#include "store/event_reader.hpp"
#include "store/object_reader.hpp"
#include "store/sqlite.hpp"
#include "store/views_file.hpp"

namespace csrflow::store {
namespace {

using engine::Position;
using engine::StreamId;

constexpr std::string_view category = "delivery";
constexpr std::size_t events_a_read = 1000;

struct OpenStreams {
  std::set<StreamId> streams;
  Position position;  ///< of the log, that they were open at
};

/// From the view. Throws StoreError when it cannot be trusted.
OpenStreams open_streams(const DataFiles& files, Position head) {
  const auto db = open_views(files);
  const ReadTransaction transaction(*db);
  if (const auto why = why_untrusted(*db, head); !why.empty()) throw StoreError(why);
  OpenStreams open;
  open.position = {static_cast<std::uint64_t>(db->execAndGet("SELECT position FROM reached").getInt64())};
  SQLite::Statement rows(*db, "SELECT stream FROM open_delivery");
  while (rows.executeStep()) open.streams.insert({rows.getColumn(0).getString()});
  return open;
}

/// Those that the view does not show yet are added.
void catch_up(SqliteEventReader& log, OpenStreams& open) {
  while (true) {
    const auto events = log.after(open.position, events_a_read);
    if (events.empty()) return;
    for (const auto& event : events)
      if (event.stream.category() == category) open.streams.insert(event.stream);
    open.position = events.back().position;
  }
}

void add(DeliveryList& list, const StreamId& stream, std::span<const engine::StoredEvent> events,
         WhichDeliveries which) {
  auto state = std::get<engine::DeliveryState>(engine::fold(stream, events));
  if (!state.queued || (which == WhichDeliveries::open && state.delivered)) return;
  list.deliveries.push_back({stream, std::move(state)});
}

void add_all(DeliveryList& list, SqliteEventReader& log, WhichDeliveries which) {
  const auto events = log.category(category);
  for (auto begin = events.begin(); begin != events.end();) {
    const auto end =
        std::find_if(begin, events.end(), [&](const auto& e) { return e.stream != begin->stream; });
    add(list, begin->stream, {begin, end}, which);
    begin = end;
  }
}

void add_open(DeliveryList& list, SqliteEventReader& log, const DataFiles& files) {
  OpenStreams open = open_streams(files, log.head());
  catch_up(log, open);
  for (const StreamId& stream : open.streams)
    add(list, stream, log.stream(stream, {}), WhichDeliveries::open);
}

}  // namespace

DeliveryList list_deliveries(const DataFiles& files, WhichDeliveries which) {
  SqliteEventReader log(files);
  DeliveryList list;
  if (which == WhichDeliveries::all) {
    add_all(list, log, which);
  } else {
    try {
      add_open(list, log, files);
    } catch (const SQLite::Exception& error) {
      list.read_all_because = error.what();
    } catch (const StoreError& error) {
      list.read_all_because = error.what();
    }
    if (!list.read_all_because.empty()) {
      list.deliveries.clear();
      add_all(list, log, which);
    }
  }
  std::ranges::sort(list.deliveries, {}, [](const auto& entry) {
    return std::pair(entry.state.queued->notification.position, entry.stream.text);
  });
  return list;
}

}  // namespace csrflow::store
