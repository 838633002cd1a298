// kill -9 between each two steps of an issuance: nothing acknowledged is lost, and there is exactly one
// certificate, the one that was written ahead.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "engine/event.hpp"
#include "store/event_log.hpp"
#include "store/sha256.hpp"
#include "tests/catch.hpp"

extern char** environ;

namespace {

using namespace csrflow;
using namespace csrflow::engine;

struct Run {
  bool killed = false;
  int exit_code = -1;
  std::set<std::string> acknowledged;
};

/// The workflow program in a process of its own.
Run run(const std::filesystem::path& directory, std::uint64_t killed_at) {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
  std::string program = std::getenv("CSRFLOW_CRASH_WORKFLOW"), request = std::getenv("CSRFLOW_CRASH_REQUEST");
  std::string dir = directory.string(), at = std::to_string(killed_at);
  char* arguments[] = {program.data(), dir.data(), request.data(), at.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  std::string text;
  char buffer[512];
  for (ssize_t n; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  close(pipe_ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  Run result{
      WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, WIFEXITED(status) ? WEXITSTATUS(status) : -1, {}};
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) result.acknowledged.insert(line);
  return result;
}

std::string hex_digest(const Bytes& bytes) {
  Sha256 digest = store::sha256(bytes);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

/// Everything that the log says about the issuance, and every use of the key that it knows.
struct Story {
  std::multiset<std::string> types;  // of csr/jane
  std::set<std::string> drafted;     // digests of all to-be-signed bytes in the log
  std::optional<Issuing> issuing;
  std::optional<Signed> certificate;
};

Story read_story(const std::filesystem::path& directory) {
  Story story;
  auto reader = store::SqliteEventLog::open_reader(directory);
  std::uint64_t expected = 0;
  for (const StoredEvent& stored : reader->after({}, 10'000)) {
    CHECK(stored.position.value == ++expected);
    Event event = decode(stored);
    if (const auto* own = std::get_if<OwnEvent>(&event))
      if (const auto* issuing = std::get_if<OwnIssuing>(own))
        story.drafted.insert(hex_digest(issuing->draft.tbs));
    const auto* csr = std::get_if<CsrEvent>(&event);
    if (!csr) continue;
    story.types.insert(stored.type);
    if (const auto* issuing = std::get_if<Issuing>(csr)) {
      story.issuing = *issuing;
      story.drafted.insert(hex_digest(issuing->tbs));
    }
    if (const auto* made = std::get_if<Signed>(csr)) story.certificate = *made;
  }
  return story;
}

}  // namespace

TEST_CASE("killed between any two steps, an issuance ends with the one certificate that was written ahead") {
  std::uint64_t deaths = 0;
  for (std::uint64_t at = 1;; ++at) {
    std::string base = std::filesystem::temp_directory_path() / "csrflow-crash-XXXXXX";
    std::filesystem::path directory = mkdtemp(base.data());
    INFO("killed at step " << at);
    Run first = run(directory, at);
    if (first.killed) ++deaths;
    if (!first.killed) REQUIRE(first.exit_code == 0);
    if (first.killed) {
      Run second = run(directory, 0);
      REQUIRE(second.exit_code == 0);
      CHECK(second.acknowledged.contains("signed"));
    }
    Story story = read_story(directory);
    for (const char* type : {"created", "approved", "issuing", "signed"}) CHECK(story.types.count(type) == 1);
    REQUIRE(story.issuing.has_value());
    REQUIRE(story.certificate.has_value());
    CHECK(story.certificate->serial == story.issuing->serial);
    // The key never signed what the log does not hold.
    std::ifstream uses(directory / "key-uses");
    for (std::string digest; std::getline(uses, digest);) CHECK(story.drafted.contains(digest));
    std::filesystem::remove_all(directory);
    if (!first.killed) break;
  }
  CHECK(deaths >=
        20);  // the log's first events, the CA, two own certificates, the request: before and after each
}
