// `csrflow notifications`: what people were told, what waits, and what could not be delivered.
#pragma once

#include <filesystem>
#include <string>

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace csrflow::tools {

struct NotificationListOptions {
  std::filesystem::path data;
  bool all = false;  ///< also what was delivered
  Output output = Output::table;
};
/// Reads beside a running server, or with none running.
ExitCode notifications(const NotificationListOptions&);

struct NotificationRetryOptions {
  ServerAccess access;
  std::string id;  ///< `ops/4711`
};
ExitCode notification_retry(const NotificationRetryOptions&);

struct SinkTestOptions {
  ServerAccess access;
  std::string sink;
};
ExitCode sink_test(const SinkTestOptions&);

struct NotificationOptions {
  NotificationListOptions list;
  NotificationRetryOptions retry;
  SinkTestOptions test;
};
void add_notifications(CLI::App& app, NotificationOptions&, ExitCode&);

}  // namespace csrflow::tools
