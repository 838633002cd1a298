// The command line of what asks the past.
#include <CLI/CLI.hpp>

#include "tools/past_commands.hpp"
#include "tools/shared_options.hpp"

namespace csrflow::tools {
namespace {

void add_common(CLI::App* command, std::filesystem::path& data, Output& output) {
  command->add_option("--data", data, "The data directory")
      ->required()
      ->envname("CSRFLOW_DATA")
      ->type_name("DIR");
  add_output(command, output);
}

void add_replay(CLI::App* policy, PolicyReplayOptions& o, ExitCode& code) {
  CLI::App* command = policy->add_subcommand(
      "replay",
      "Which past decisions would differ under these policies; exit code 3 when the policies of "
      "the time do not say again what they said");
  add_common(command, o.data, o.output);
  command
      ->add_option("--policy", o.policies,
                   "Documents, or a directory of them, instead of those of the same names; repeatable")
      ->type_name("FILE");
  command
      ->add_option("--signers", o.signers,
                   "Signers, whose lifetimes stand for those that requests had then; repeatable")
      ->type_name("FILE");
  command->add_flag("--only", o.only, "Instead of all others, too");
  command->add_option("--since", o.since, "Only requests made from then on")->type_name("TIME");
  command->add_option("--until", o.until, "Only requests made before then; a date: including that day")
      ->type_name("TIME");
  command->add_option("--signer", o.signer, "Only requests to this signer")->type_name("NAME");
  command->add_flag("--cascade", o.cascade,
                    "A request whose predecessor would not have been approved follows none");
  command->add_option("--threads", o.threads, "How many evaluate (default: one for each core)")
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  command->footer(
      "Example:\n  csrflow policy replay --data ca --policy new/web-servers.yaml --since 2026-01-01");
  command->callback([&] { code = policy_replay(o); });
}

void add_who_could(CLI::App& app, WhoCouldOptions& o, ExitCode& code) {
  CLI::App* command =
      app.add_subcommand("who-could", "Who could approve or sign for a signer, at any time of the past");
  add_common(command, o.data, o.output);
  command->add_option("verb", o.verb, "approve, sign, attest, break-glass …")->required()->type_name("VERB");
  command->add_option("signer", o.signer, "As example.com/web")->required()->type_name("SIGNER");
  command->add_option("--at", o.at, "When; a date means its end, in UTC (default: now)")->type_name("TIME");
  command->footer("Example:\n  csrflow who-could approve example.com/web --at 2026-03-03 --data ca");
  command->callback([&] { code = who_could(o); });
}

}  // namespace

void add_past(CLI::App& app, PastOptions& o, ExitCode& code) {
  add_replay(app.get_subcommand("policy"), o.replay, code);
  add_who_could(app, o.who_could, code);
}

}  // namespace csrflow::tools
