// `csrflow rotate` and `csrflow job`: work over many certificates at once, done by a running server.
#pragma once

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace csrflow::tools {

struct RotateOptions {
  ServerAccess access;
  std::vector<std::string> names;     ///< of requests
  bool all = false;                   ///< of the signer
  std::vector<std::string> selector;  ///< KEY=VALUE
  std::string signer, reason, within, deadline, mode, pause, job;
  bool yes = false, dry_run = false, detach = false;
  Output output = Output::table;
};
/// Shows the plan, asks, makes the job and watches it.
ExitCode rotate(const RotateOptions&);

struct JobListOptions {
  ServerAccess access;
  Output output = Output::table;
};
ExitCode job_list(const JobListOptions&);

struct JobOptions {
  ServerAccess access;
  std::string name, reason;
  Output output = Output::table;
};
ExitCode job_show(const JobOptions&);
ExitCode job_watch(const JobOptions&);
ExitCode job_stop(const JobOptions&);
ExitCode job_resume(const JobOptions&);
ExitCode job_cancel(const JobOptions&);

struct JobCommands {
  RotateOptions rotate;
  JobListOptions list;
  JobOptions show, watch, stop, resume, cancel;
};
/// Both, onto the command line.
void add_jobs(CLI::App&, JobCommands&, ExitCode&);

}  // namespace csrflow::tools
