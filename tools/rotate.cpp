// `csrflow rotate`: the plan, a yes, the job.
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "tools/job_commands.hpp"
#include "tools/job_text.hpp"
#include "tools/job_watch.hpp"

namespace csrflow::tools {
namespace {

using Json = nlohmann::json;

constexpr auto jobs_path = "/apis/csrflow.io/v1/jobs";

Json labels_of(const std::vector<std::string>& selector) {
  Json labels = Json::object();
  for (const std::string& one : selector) {
    const auto equals = one.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Failure{ExitCode::usage, "--selector " + one + ": write KEY=VALUE, as tier=web"};
    labels[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return labels;
}

Json document_of(const RotateOptions& o) {
  if (o.names.empty() && !o.all && o.selector.empty())
    throw Failure{ExitCode::usage,
                  "say which certificates: names of requests, --selector KEY=VALUE or --all"};
  if (o.names.empty() && o.signer.empty())
    throw Failure{ExitCode::usage, "say whose certificates are meant: --signer SIGNER"};
  if (o.within.empty() == o.deadline.empty())
    throw Failure{ExitCode::usage, "say until when: --within DURATION or --deadline TIME"};
  Json spec{{"kind", "rotate"}, {"reason", o.reason}};
  const std::initializer_list<std::pair<const char*, const std::string*>> texts = {{"signerName", &o.signer},
                                                                                   {"within", &o.within},
                                                                                   {"deadline", &o.deadline},
                                                                                   {"mode", &o.mode},
                                                                                   {"pause", &o.pause}};
  for (const auto& [member, text] : texts)
    if (!text->empty()) spec[member] = *text;
  if (o.all) spec["all"] = true;
  if (!o.names.empty()) spec["names"] = o.names;
  if (!o.selector.empty()) spec["labels"] = {{"matchLabels", labels_of(o.selector)}};
  Json document{{"apiVersion", "csrflow.io/v1"}, {"kind", "Job"}, {"spec", spec}};
  if (!o.job.empty()) document["metadata"] = {{"name", o.job}};
  return document;
}

/// Throws when the answer is not yes.
void confirm(std::uint64_t count) {
  if (isatty(STDIN_FILENO) != 1)
    throw Failure{
        ExitCode::usage,
        "nobody can be asked, since the input is no terminal: --yes begins without asking, --dry-run "
        "only shows the plan"};
  std::cerr << "\nreplace " << count << (count == 1 ? " certificate" : " certificates") << "? Type yes: ";
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "yes" && answer != "y")
    throw Failure{ExitCode::failed, "nothing was begun: the answer was not yes"};
}

}  // namespace

ExitCode rotate(const RotateOptions& o) {
  return told([&] {
    Json document = document_of(o);
    const bool table = o.output == Output::table;
    const Json plan =
        Json::parse(ask(o.access, "POST", std::string(jobs_path) + "?dryRun=All", document.dump()));
    if (table) std::cout << plan_text(plan) << std::flush;
    if (o.dry_run) {
      if (!table) std::cout << plan.dump() << '\n';
      return;
    }
    const auto count = plan["status"].value("count", std::uint64_t{0});
    if (!o.yes && count > 0) confirm(count);
    document["spec"]["setHash"] = plan["status"].value("setHash", "");
    document["metadata"] = plan["metadata"];
    Json job = Json::parse(ask(o.access, "POST", jobs_path, document.dump()));
    const std::string name = job["metadata"].value("name", "");
    if (table) std::cout << "job " << name << " has begun\n" << std::flush;
    if (!o.detach) job = watch_job(o.access, name);
    std::cout << (table ? progress_line(job) : job.dump()) << '\n' << std::flush;
    if (!o.detach) judge_watched(job);
  });
}

}  // namespace csrflow::tools
