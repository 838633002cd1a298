// `csrflow notifications`, `notifications retry` and `notifications test`.
#include <iostream>
#include <nlohmann/json.hpp>

#include "engine/json_writer.hpp"
#include "store/delivery_list.hpp"
#include "store/sha256.hpp"
#include "tools/data_there.hpp"
#include "tools/notification_commands.hpp"
#include "tools/server_call.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

using Entry = store::DeliveryList::Entry;

std::string_view state_of(const engine::DeliveryState& state) {
  if (state.delivered) return "delivered";
  return state.dead ? "dead" : "waiting";
}

std::string next_try_of(const Entry& entry) {
  const auto next = engine::next_try(entry.stream, entry.state, store::sha256);
  return next ? rfc3339_seconds(*next) : "";
}

std::string json_line(const Entry& entry) {
  const auto& [stream, state] = entry;
  const auto& notification = state.queued->notification;
  std::string out;
  {
    engine::JsonObject object(out);
    object.text("id", notification.id);
    object.text("sink", state.queued->sink);
    object.text("state", state_of(state));
    object.text("event", name_of(notification.kind));
    object.text("at", rfc3339_micro(notification.at));
    object.number("position", static_cast<std::int64_t>(notification.position.value));
    object.text("stream", notification.stream);
    object.text("title", notification.title);
    object.text("text", notification.text);
    object.number("attempts", state.attempts);
    object.text_if("nextTry", next_try_of(entry));
    object.text_if("lastFailure", state.failure);
  }
  return out;
}

void check_name(const std::string& name, const std::string& whole) {
  constexpr auto allowed = "abcdefghijklmnopqrstuvwxyz0123456789-.";
  if (name.empty() || name.find_first_not_of(allowed) != std::string::npos)
    throw Failure{ExitCode::not_found, "no notification sink is called " + whole};
}

void ask_sink(const ServerAccess& access, const std::string& sink, const std::string& what) {
  const auto answer = nlohmann::json::parse(
      ask(access, "POST", "/apis/csrflow.io/v1/notificationsinks/" + sink + '/' + what));
  std::cout << answer.value("message", "done") << '\n';
}

}  // namespace

ExitCode notifications(const NotificationListOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  const auto list =
      store::list_deliveries(store::existing_data_files(options.data),
                             options.all ? store::WhichDeliveries::all : store::WhichDeliveries::open);
  if (!list.read_all_because.empty())
    std::cerr << "csrflow: all notifications were read, since the views could not be: "
              << list.read_all_because << '\n';
  if (options.output == Output::json) {
    for (const Entry& entry : list.deliveries) std::cout << json_line(entry) << '\n';
    return ExitCode::done;
  }
  TableText table({"ID", "SINK", "EVENT", "OBJECT", "STATE", "ATTEMPTS", "NEXT TRY", "LAST FAILURE"});
  for (const Entry& entry : list.deliveries) {
    const auto& [stream, state] = entry;
    const auto& notification = state.queued->notification;
    table.add({notification.id, state.queued->sink, std::string(name_of(notification.kind)),
               notification.stream, std::string(state_of(state)), std::to_string(state.attempts),
               next_try_of(entry), state.failure});
  }
  std::cout << table.text();
  return ExitCode::done;
}

ExitCode notification_retry(const NotificationRetryOptions& options) {
  return told([&] {
    const std::size_t slash = options.id.rfind('/');
    const std::string position = slash == std::string::npos ? "" : options.id.substr(slash + 1);
    if (position.empty() || position.find_first_not_of("0123456789") != std::string::npos)
      throw Failure{ExitCode::usage, "a notification's id is written as ops/4711"};
    const std::string sink = options.id.substr(0, slash);
    check_name(sink, sink);
    ask_sink(options.access, sink, "retry?position=" + position);
  });
}

ExitCode sink_test(const SinkTestOptions& options) {
  return told([&] {
    check_name(options.sink, options.sink);
    ask_sink(options.access, options.sink, "test");
  });
}

}  // namespace csrflow::tools
