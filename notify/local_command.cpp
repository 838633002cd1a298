#include "notify/local_command.hpp"

#include <cstdlib>

#include "notify/message_text.hpp"
#include "notify/notification_json.hpp"
#include "notify/process.hpp"

namespace csrflow::notify {
namespace {

using engine::DeliveryFailure;

constexpr const char* inherited[] = {"PATH", "HOME", "LANG", "LC_ALL", "TZ"};
constexpr std::size_t max_output = 4096;

std::vector<std::string> environment(const engine::Notification& notification) {
  std::vector<std::string> variables;
  for (const char* name : inherited)
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  variables.push_back("CSRFLOW_NOTIFICATION=" + header_token(notification.id));
  variables.push_back("CSRFLOW_EVENT=" + std::string(name_of(notification.kind)));
  return variables;
}

std::string ending(const ProcessEnd& end, engine::Duration limit) {
  if (end.by == ProcessEnd::By::stop) return "was ended since csrflow stops";
  if (end.by == ProcessEnd::By::time_limit)
    return "took longer than " + std::to_string(limit.microseconds / engine::seconds(1).microseconds) +
           " s and was ended";
  if (end.signal != 0) return "was ended by signal " + std::to_string(end.signal);
  if (end.exit_code == exit_again) return "asks to be tried again (exit code 75)";
  return "ended with exit code " + std::to_string(end.exit_code);
}

std::unexpected<DeliveryFailure> again(std::string_view message) {
  return std::unexpected(DeliveryFailure{one_line(message, max_reply_bytes), false});
}

}  // namespace

std::expected<void, DeliveryFailure> run_command(const engine::LocalCommand& command,
                                                 const engine::Notification& notification,
                                                 const std::stop_token& stop, engine::Duration grace) {
  if (command.argv.empty() || command.argv.front().empty()) return again("the sink's command is empty");
  const auto end = run_process({.argv = command.argv,
                                .environment = environment(notification),
                                .input = notification_json(notification) + '\n',
                                .time = command.time_limit,
                                .grace = grace,
                                .max_output = max_output},
                               stop);
  if (!end) return again(end.error());
  if (end->by == ProcessEnd::By::itself && end->signal == 0 && end->exit_code == 0) return {};
  std::string message = command.argv.front() + " " + ending(*end, command.time_limit);
  const std::string said = end->output.substr(0, end->output.find_first_of("\r\n"));
  if (!said.empty()) message += ": " + said;
  return again(message);
}

}  // namespace csrflow::notify
