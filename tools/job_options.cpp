// The command lines of `csrflow rotate` and `csrflow job`.
#include <CLI/CLI.hpp>

#include "tools/job_commands.hpp"
#include "tools/shared_options.hpp"

namespace csrflow::tools {
namespace {

void add_which(CLI::App* command, RotateOptions& o) {
  CLI::Option* names = command->add_option("name", o.names, "Requests whose certificates are meant");
  names->type_name("NAME");
  CLI::Option* all = command->add_flag("--all", o.all, "All certificates of the signer");
  CLI::Option* selector =
      command->add_option("-l,--selector", o.selector, "Only those with this label, as tier=web; repeatable")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->type_name("KEY=VALUE");
  all->excludes(selector)->excludes(names);
  selector->excludes(names);
  command->add_option("--signer", o.signer, "Whose certificates, as example.com/web")->type_name("SIGNER");
}

void add_rotate(CLI::App& app, RotateOptions& o, ExitCode& code) {
  CLI::App* command = app.add_subcommand(
      "rotate", "Replace many certificates before a deadline: shows the plan, asks, and watches the job");
  add_which(command, o);
  command
      ->add_option("--reason", o.reason,
                   "key-compromise (new keys), ca-compromise, or in your words; recorded")
      ->required()
      ->type_name("TEXT");
  CLI::Option* within =
      command->add_option("--within", o.within, "Done within this time, as 24h")->type_name("DURATION");
  command->add_option("--deadline", o.deadline, "Done by then (RFC 3339)")
      ->type_name("TIME")
      ->excludes(within);
  command
      ->add_option(
          "--mode", o.mode,
          "renew: the same keys; rekey: hosts make new ones; default: rekey for key-compromise, else "
          "renew")
      ->check(CLI::IsMember({"renew", "rekey"}))
      ->type_name("MODE");
  command->add_option("--pause", o.pause, "Between two stages at least so long; default and least: 5m")
      ->type_name("DURATION");
  command->add_option("--job", o.job, "The job's name; default: one is made")->type_name("NAME");
  command->add_flag("--yes", o.yes, "Do not ask");
  command->add_flag("--dry-run", o.dry_run, "Only show the plan");
  command->add_flag("--detach", o.detach, "Do not watch the job");
  add_access(command, o.access);
  add_output(command, o.output);
  command->footer(
      "Examples:\n"
      "  csrflow rotate --all --signer example.com/web --reason key-compromise --within 24h --data ca\n"
      "  csrflow rotate -l tier=web --signer example.com/web --reason drill --within 4h --dry-run --data ca\n"
      "  csrflow rotate web-1 web-2 --reason 'stolen laptop' --within 1h --yes --data ca");
  command->callback([&] { code = rotate(o); });
}

CLI::App* add_word(CLI::App* job, const char* word, const char* about, const char* example, JobOptions& o,
                   ExitCode (*act)(const JobOptions&), ExitCode& code) {
  CLI::App* command = job->add_subcommand(word, about);
  command->add_option("name", o.name, "The job, as list shows it")->required()->type_name("NAME");
  add_access(command, o.access);
  add_output(command, o.output);
  command->footer(std::string("Example:\n  csrflow job ") + example);
  command->callback([&o, act, &code] { code = act(o); });
  return command;
}

void add_job(CLI::App& app, JobCommands& o, ExitCode& code) {
  CLI::App* job =
      app.add_subcommand("job", "Jobs over many certificates: list, show, watch, stop, resume, cancel");
  job->require_subcommand(1);
  CLI::App* list = job->add_subcommand("list", "All jobs and how far they are");
  add_access(list, o.list.access);
  add_output(list, o.list.output);
  list->footer("Example:\n  csrflow job list --data ca");
  list->callback([&] { code = job_list(o.list); });

  add_word(job, "show", "A job with its stages", "show web-keys --data ca", o.show, job_show, code);
  add_word(job, "watch", "A job's progress until it ends; Ctrl-C leaves it running",
           "watch web-keys --data ca", o.watch, job_watch, code);
  add_word(job, "stop", "Nothing more of it begins, until resume",
           "stop web-keys --reason 'the shop is slow' --data ca", o.stop, job_stop, code)
      ->add_option("--reason", o.stop.reason, "Why; recorded")
      ->type_name("TEXT");
  add_word(job, "resume",
           "Go on with what was stopped; start what is only planned; begin the next stage without waiting",
           "resume web-keys --data ca", o.resume, job_resume, code);
  add_word(job, "cancel", "End it for good; what it has replaced stays replaced",
           "cancel web-keys --reason 'false alarm' --data ca", o.cancel, job_cancel, code)
      ->add_option("--reason", o.cancel.reason, "Why; recorded")
      ->type_name("TEXT");
}

}  // namespace

void add_jobs(CLI::App& app, JobCommands& o, ExitCode& code) {
  add_rotate(app, o.rotate, code);
  add_job(app, o, code);
}

}  // namespace csrflow::tools
