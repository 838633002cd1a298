// `csrflow policy …`: what needs no server.
#pragma once

#include <filesystem>
#include <vector>

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace csrflow::tools {

struct PolicyFilesOptions {
  std::vector<std::filesystem::path>
      files;            ///< `-`: standard input; of a directory its *.yaml, *.yml and *.json
  bool strict = false;  ///< lint: warnings fail, too
  Output output = Output::table;
};
/// Checks documents; failed when one is refused.
ExitCode policy_lint(const PolicyFilesOptions&);
/// Runs the cases inside documents; failed when one does not pass.
ExitCode policy_test(const PolicyFilesOptions&);

struct PolicyEvalOptions {
  std::vector<std::filesystem::path> policies;
  std::filesystem::path request;
  Output output = Output::table;
};
/// What these policies together say of one request.
ExitCode policy_eval(const PolicyEvalOptions&);

struct PolicyDiffOptions {
  std::filesystem::path before, after;
  Output output = Output::table;
};
/// Requests on which two versions differ; not_equal when there are any.
ExitCode policy_diff(const PolicyDiffOptions&);

struct PolicyOptions {
  PolicyFilesOptions lint, test;
  PolicyEvalOptions eval;
  PolicyDiffOptions diff;
};
void add_policy(CLI::App& app, PolicyOptions&, ExitCode&);

}  // namespace csrflow::tools
