// `csrflow job`.
#include <iostream>
#include <nlohmann/json.hpp>

#include "tools/job_commands.hpp"
#include "tools/job_text.hpp"
#include "tools/job_watch.hpp"

namespace csrflow::tools {
namespace {

using Json = nlohmann::json;

ExitCode say(const JobOptions& o, const std::string& word) {
  return told([&] {
    Json spec = Json::object();
    if (!o.reason.empty()) spec["reason"] = o.reason;
    const Json job = Json::parse(ask(o.access, "POST", job_path(o.name, word), Json{{"spec", spec}}.dump()));
    std::cout << (o.output == Output::json ? job.dump() : progress_line(job)) << '\n';
  });
}

}  // namespace

ExitCode job_list(const JobListOptions& o) {
  return told([&] {
    const Json list = Json::parse(ask(o.access, "GET", "/apis/csrflow.io/v1/jobs"));
    if (o.output == Output::table) {
      std::cout << jobs_table(list);
      return;
    }
    for (const Json& job : list["items"]) std::cout << job.dump() << '\n';
  });
}

ExitCode job_show(const JobOptions& o) {
  return told([&] {
    const Json job = Json::parse(ask(o.access, "GET", job_path(o.name)));
    std::cout << (o.output == Output::json ? job.dump() + '\n' : job_text(job));
  });
}

ExitCode job_watch(const JobOptions& o) {
  return told([&] {
    const Json job = watch_job(o.access, o.name);
    std::cout << (o.output == Output::json ? job.dump() : progress_line(job)) << '\n' << std::flush;
    judge_watched(job);
  });
}

ExitCode job_stop(const JobOptions& o) {
  return say(o, "stop");
}
ExitCode job_resume(const JobOptions& o) {
  return say(o, "resume");
}
ExitCode job_cancel(const JobOptions& o) {
  return say(o, "cancel");
}

}  // namespace csrflow::tools
