#include "tools/job_watch.hpp"

#include <csignal>
#include <ctime>
#include <nlohmann/json.hpp>

#include "engine/types.hpp"
#include "tools/job_text.hpp"
#include "tools/progress.hpp"

namespace csrflow::tools {
namespace {

using Json = nlohmann::json;

constexpr timespec between_looks{.tv_sec = 1, .tv_nsec = 0};

/// Ctrl-C is waited for instead of ending the program, while this lives.
class Interruption {
 public:
  Interruption() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~Interruption() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  /// Waits between two looks. True: somebody pressed Ctrl-C.
  bool came() const { return sigtimedwait(&set_, nullptr, &between_looks) == SIGINT; }

 private:
  sigset_t set_{}, before_{};
};

bool goes_on(const Json& job) {
  const std::string phase = job["status"].value("phase", "");
  return phase == "running" || phase == "between-stages";
}

}  // namespace

std::string job_path(const std::string& name, const std::string& word) {
  const engine::StreamId stream = engine::stream_of("job", name);
  return "/apis/csrflow.io/v1/jobs/" + stream.text.substr(stream.collection().size() + 1) +
         (word.empty() ? "" : '/' + word);
}

Json watch_job(const ServerAccess& access, const std::string& name) {
  const Interruption interruption;
  Progress progress(name);
  Json job;
  do {
    job = Json::parse(ask(access, "GET", job_path(name)));
    const Json& status = job["status"];
    progress.show(status.value("done", 0U) + status.value("failed", 0U) + status.value("gone", 0U),
                  status.value("count", 0U));
  } while (goes_on(job) && !interruption.came());
  return job;
}

void judge_watched(const Json& job) {
  const std::string name = job["metadata"].value("name", "");
  const std::string phase = job["status"].value("phase", "");
  if (goes_on(job)) {
    std::cerr << "the job goes on without this command: csrflow job watch " << name
              << " shows it again, csrflow job stop " << name << " stops it\n";
    return;
  }
  if (phase == "paused")
    throw Failure{ExitCode::failed, "the job is paused: csrflow job resume " + name +
                                        " goes on, csrflow job cancel " + name + " ends it"};
  if (phase == "finished" && job["status"].value("failed", 0U) > 0)
    throw Failure{ExitCode::failed, std::to_string(job["status"].value("failed", 0U)) +
                                        " certificates were not replaced: csrflow job show " + name +
                                        " names them"};
  if (phase == "cancelled") throw Failure{ExitCode::failed, "the job was cancelled"};
}

}  // namespace csrflow::tools
