// The command line of `csrflow timers`.
#include <CLI/CLI.hpp>

#include "tools/shared_options.hpp"
#include "tools/timer_commands.hpp"

namespace csrflow::tools {
namespace {

void add_due(CLI::App* timers, TimersDueOptions& o, ExitCode& code) {
  CLI::App* due =
      timers->add_subcommand("due", "When a certificate rotates under a policy; needs no server and no data");
  due->add_option("--stream", o.stream, "What the certificate belongs to, as csr/web-1")
      ->required()
      ->type_name("STREAM");
  due->add_option("--serial", o.serial, "Its serial number's content bytes, in hex")
      ->required()
      ->type_name("HEX");
  due->add_option("--not-before", o.not_before, "Its notBefore (RFC 3339)")->required()->type_name("TIME");
  due->add_option("--not-after", o.not_after, "Its notAfter")->required()->type_name("TIME");
  due->add_option("--issued-at", o.issued_at,
                  "When it was issued (annotation csrflow.io/issued-at), where notBefore is backdated")
      ->type_name("TIME");
  due->add_option("--known-since", o.known_since,
                  "When it became known under the policy, where that was after its window's begin")
      ->type_name("TIME");
  due->add_option("--policy", o.policy,
                  "A RotationPolicy (YAML or JSON); default: 60 to 75 % of the lifetime")
      ->type_name("FILE");
  due->add_flag("--bulk", o.bulk, "It was made in bulk: the policy's first window holds");
  due->add_flag("--canary", o.canary, "It is a canary: it goes before the others");
  add_output(due, o.output);
  due->footer(
      "Example:\n  csrflow timers due --stream csr/web-1 --serial 7f0102030405060708090a0b0c0d0e0f10 \\\n"
      "    --not-before 2026-01-01T00:00:00Z --not-after 2026-02-16T23:59:59Z --policy web.yaml");
  due->callback([&] { code = timers_due(o); });
}

}  // namespace

void add_timers(CLI::App& app, TimerOptions& o, ExitCode& code) {
  CLI::App* command =
      app.add_subcommand("timers", "What is due when and why; due: when any certificate rotates");
  command->require_subcommand(0, 1);
  command->add_option("--data", o.list.data, "The data directory")->envname("CSRFLOW_DATA")->type_name("DIR");
  command->add_option("--limit", o.list.limit, "Only the first so many")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  add_output(command, o.list.output);
  command->footer("Examples:\n  csrflow timers --data ca --limit 10\n  csrflow timers due --help");
  command->callback([&, command] {
    if (!command->get_subcommands().empty()) return;
    if (o.list.data.empty()) throw CLI::RequiredError("--data");
    code = timers(o.list);
  });
  add_due(command, o.due, code);
}

}  // namespace csrflow::tools
