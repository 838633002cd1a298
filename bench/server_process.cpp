#include "bench/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <vector>

namespace csrflow::bench {
namespace {

constexpr std::chrono::seconds patience_at_start{60}, patience_at_end{20};
constexpr std::chrono::milliseconds look_again{20};
constexpr std::size_t last_bytes = 2'000;

[[noreturn]] void throw_errno(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

/// In the child: nothing here may allocate.
[[noreturn]] void become(const char* program, char* const arguments[], int output, int log) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv(program, arguments);
  ::_exit(127);
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& program, const std::filesystem::path& directory,
                             const std::string& tokens)
    : ServerProcess(directory) {
  const auto begun = Clock::now();
  launch(program, tokens);
  await_ready();
  start_time_ = Clock::now() - begun;
}

void ServerProcess::launch(const std::filesystem::path& program, const std::string& tokens) {
  std::filesystem::create_directories(directory_);
  const std::string token_file = directory_ / "tokens.csv", data = directory_ / "data";
  std::filesystem::remove(token_file);  // of a server before
  std::ofstream(token_file) << tokens;
  std::filesystem::permissions(token_file, std::filesystem::perms::owner_read);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("make a pipe");
  output_ = store::FileDescriptor(ends[0]);
  const store::FileDescriptor write_end(ends[1]);
  const store::FileDescriptor log(::open(told().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!log) throw_errno("make the server's log");
  std::vector<std::string> words{
      program,    "serve",       "--data", data, "--listen", "127.0.0.1:0", "--token-auth-file",
      token_file, "--log-level", "warning"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = ::fork();
  if (process_ < 0) throw_errno("start the server");
  if (process_ == 0) become(arguments[0], arguments.data(), write_end.get(), log.get());
}

ServerProcess::~ServerProcess() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + patience_at_end;
  while (::waitpid(process_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) ::kill(process_, SIGKILL);
    std::this_thread::sleep_for(look_again);
  }
}

// `ready https://127.0.0.1:40001` is the first line.
void ServerProcess::await_ready() {
  const auto deadline = std::chrono::steady_clock::now() + patience_at_start;
  std::string line;
  while (!line.ends_with('\n')) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{output_.get(), POLLIN, 0};
    char byte = 0;
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) != 1 ||
        ::read(output_.get(), &byte, 1) != 1)
      throw std::runtime_error("csrflow serve has not become ready: " + last_words());
    line += byte;
  }
  constexpr std::string_view start = "ready https://127.0.0.1:";
  if (!line.starts_with(start) ||
      std::from_chars(line.data() + start.size(), line.data() + line.size(), port_).ec != std::errc{})
    throw std::runtime_error("csrflow serve says: " + line);
}

void ServerProcess::forget_peak() {
  constexpr auto peak_of_memory = '5';  // proc(5)
  std::ofstream("/proc/" + std::to_string(process_) + "/clear_refs") << peak_of_memory;
}

std::uint64_t ServerProcess::status_kib(std::string_view field) const {
  std::ifstream status("/proc/" + std::to_string(process_) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(field)) return std::stoull(line.substr(line.find_first_of("0123456789")));
  throw std::runtime_error("the server is gone: " + last_words());
}

std::string ServerProcess::last_words() const {
  std::ifstream in(told());
  std::ostringstream text;
  text << in.rdbuf();
  std::string all = std::move(text).str();
  return all.size() > last_bytes ? all.substr(all.size() - last_bytes) : all;
}

}  // namespace csrflow::bench
