// `csrflow history NAME` and `csrflow log`: the events as they are, read beside a running server.
#include <cstdio>
#include <iostream>

#include "engine/json_writer.hpp"
#include "store/event_log.hpp"
#include "tools/commands.hpp"
#include "tools/data_there.hpp"
#include "tools/event_words.hpp"
#include "tools/past_commands.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

using namespace engine;

constexpr std::size_t events_a_read = 1000;

/// One line of JSON: the row as stored; `context` and `data` are the stored JSON itself.
std::string json_line(const StoredEvent& e) {
  std::string out;
  {
    JsonObject object(out);
    object.number("position", static_cast<std::int64_t>(e.position.value));
    object.text("stream", e.stream.text);
    object.number("version", static_cast<std::int64_t>(e.version.value));
    object.text("type", e.type);
    object.number("schema", e.schema);
    object.text("recordedAt", rfc3339_micro(e.recorded_at));
    object.key("context") += e.salt.empty() ? "null" : e.context;
    object.key("data") += e.salt.empty() ? "null" : e.data;
    if (!e.salt.empty()) object.text("salt", to_hex(e.salt));
    object.text("contextHash",
                to_hex({reinterpret_cast<const char*>(e.context_hash.data()), e.context_hash.size()}));
    object.text("dataHash", to_hex({reinterpret_cast<const char*>(e.data_hash.data()), e.data_hash.size()}));
  }
  return out;
}

std::vector<std::string> history_row(const StoredEvent& e) {
  Event event = decode(e);
  return {std::to_string(e.position.value), rfc3339_micro(e.recorded_at), e.type,
          who(decode_context(e.context), event), words(event)};
}

bool wanted(const StoredEvent& e, const LogOptions& options) {
  return (options.stream.empty() || e.stream.text == options.stream) &&
         (options.type.empty() || e.type == options.type);
}

}  // namespace

ExitCode history(const HistoryOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  auto reader = store::SqliteEventLog::open_reader(options.data);
  std::vector<StoredEvent> events = reader->stream(csr_stream(options.name));
  if (events.empty()) {
    tell_unknown_request(options.name);
    return ExitCode::not_found;
  }
  if (options.output == Output::json) {
    for (const StoredEvent& e : events) std::cout << json_line(e) << '\n';
    return ExitCode::done;
  }
  TableText table({"POSITION", "TIME", "EVENT", "WHO", "WHY"});
  for (const StoredEvent& e : events) table.add(history_row(e));
  std::cout << table.text();
  return ExitCode::done;
}

ExitCode log(const LogOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  if (options.break_glass) return break_glass_log(options);
  auto reader = store::SqliteEventLog::open_reader(options.data);
  std::uint64_t left = options.limit.value_or(UINT64_MAX);
  Position position{options.after};
  while (left > 0) {
    std::vector<StoredEvent> events = reader->after(position, events_a_read);
    if (events.empty()) break;
    position = events.back().position;
    for (const StoredEvent& e : events) {
      if (!wanted(e, options) || left == 0) continue;
      --left;
      if (options.output == Output::json) {
        std::cout << json_line(e) << '\n';
      } else {
        std::cout << e.position.value << ' ' << rfc3339_micro(e.recorded_at) << ' '
                  << event_reference(e.stream, e.version) << ' ' << e.type << ' '
                  << (e.salt.empty() ? "(erased)" : printable(e.data)) << '\n';
      }
    }
    if (!std::cout) return ExitCode::failed;
  }
  return ExitCode::done;
}

}  // namespace csrflow::tools
