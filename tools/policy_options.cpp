// The command line of `csrflow policy`.
#include <CLI/CLI.hpp>

#include "tools/policy_commands.hpp"
#include "tools/shared_options.hpp"

namespace csrflow::tools {
namespace {

CLI::App* add_files(CLI::App* policy, const char* name, const char* about, PolicyFilesOptions& o) {
  CLI::App* command = policy->add_subcommand(name, about);
  command->add_option("file", o.files, "Documents, several a file with ---; a directory; - is standard input")
      ->required()
      ->type_name("FILE");
  add_output(command, o.output);
  return command;
}

}  // namespace

void add_policy(CLI::App& app, PolicyOptions& o, ExitCode& code) {
  CLI::App* policy =
      app.add_subcommand("policy", "Approval policies as files: check, test, evaluate, compare");
  policy->require_subcommand(1);

  CLI::App* lint =
      add_files(policy, "lint", "Check documents; exit code 1 when one would be refused", o.lint);
  lint->add_flag("--strict", o.lint.strict, "Exit code 1 for warnings, too");
  lint->footer("Example:\n  csrflow policy lint policies/");
  lint->callback([&] { code = policy_lint(o.lint); });

  CLI::App* test =
      add_files(policy, "test", "Run the cases inside documents; exit code 1 when one fails", o.test);
  test->footer("Example:\n  csrflow policy test web-servers.yaml");
  test->callback([&] { code = policy_test(o.test); });

  CLI::App* eval = policy->add_subcommand("eval", "What policies say of one request, and why");
  eval->add_option("--policy", o.eval.policies,
                   "Documents, or a directory of them; repeatable; none: no policy")
      ->type_name("FILE");
  eval->add_option("--request", o.eval.request, "A request as in cases (YAML or JSON); - is standard input")
      ->required()
      ->type_name("FILE");
  add_output(eval, o.eval.output);
  eval->footer("Example:\n  csrflow policy eval --policy web-servers.yaml --request request.yaml -o json");
  eval->callback([&] { code = policy_eval(o.eval); });

  CLI::App* diff =
      policy->add_subcommand("diff", "Requests on which two versions differ; exit code 5 when there are any");
  diff->add_option("old", o.diff.before, "A document, or a directory of them")->required()->type_name("OLD");
  diff->add_option("new", o.diff.after, "A document, or a directory of them")->required()->type_name("NEW");
  add_output(diff, o.diff.output);
  diff->footer("Example:\n  csrflow policy diff web-servers.yaml new/web-servers.yaml");
  diff->callback([&] { code = policy_diff(o.diff); });
}

}  // namespace csrflow::tools
