// The command line of `csrflow notifications`.
#include <CLI/CLI.hpp>

#include "tools/notification_commands.hpp"
#include "tools/shared_options.hpp"

namespace csrflow::tools {

void add_notifications(CLI::App& app, NotificationOptions& o, ExitCode& code) {
  CLI::App* command = app.add_subcommand(
      "notifications", "Notifications that wait or could not be delivered; retry: send a dead one again");
  command->require_subcommand(0, 1);
  command->add_option("--data", o.list.data, "The data directory")->envname("CSRFLOW_DATA")->type_name("DIR");
  command->add_flag("--all", o.list.all, "Also those that were delivered");
  add_output(command, o.list.output);
  command->footer(
      "Examples:\n  csrflow notifications --data ca\n  csrflow notifications retry ops/4711 --data ca");
  command->callback([&, command] {
    if (!command->get_subcommands().empty()) return;
    if (o.list.data.empty()) throw CLI::RequiredError("--data");
    code = notifications(o.list);
  });

  CLI::App* retry = command->add_subcommand("retry", "Send a dead notification again");
  retry->add_option("id", o.retry.id, "The notification, as the list shows it")->required()->type_name("ID");
  add_access(retry, o.retry.access);
  retry->footer("Example:\n  csrflow notifications retry ops/4711 --data ca");
  retry->callback([&] { code = notification_retry(o.retry); });

  CLI::App* test =
      command->add_subcommand("test", "Send a test to a sink at once, and say whether it was taken");
  test->add_option("sink", o.test.sink, "The NotificationSink")->required()->type_name("SINK");
  add_access(test, o.test.access);
  test->footer("Example:\n  csrflow notifications test ops --data ca");
  test->callback([&] { code = sink_test(o.test); });
}

}  // namespace csrflow::tools
