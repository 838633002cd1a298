// `csrflow serve` in a process of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "bench/figures.hpp"
#include "store/file_descriptor.hpp"

namespace csrflow::bench {

class ServerProcess {
 public:
  /// Serves from `directory`/data; what is missing is made, on a free port of loopback; returns once it does.
  /// `tokens`: the text of its token file. Throws std::runtime_error with its last words when it does not.
  ServerProcess(const std::filesystem::path& program, const std::filesystem::path& directory,
                const std::string& tokens);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();  ///< ends it, with force when it must

  std::uint16_t port() const { return port_; }
  /// PEM of its CA.
  std::filesystem::path ca() const { return directory_ / "data" / "ca.crt"; }
  /// From the start of the process until it said that it is ready.
  Milliseconds start_time() const { return start_time_; }
  /// Resident, KiB (VmRSS).
  std::uint64_t memory() const { return status_kib("VmRSS:"); }
  /// The most that was resident since the last call of forget_peak(), KiB (VmHWM).
  std::uint64_t peak_memory() const { return status_kib("VmHWM:"); }
  void forget_peak();
  /// The end of what it told its operator.
  std::string last_words() const;

 private:
  explicit ServerProcess(const std::filesystem::path& directory) : directory_(directory) {}
  void launch(const std::filesystem::path& program, const std::string& tokens);
  void await_ready();
  std::uint64_t status_kib(std::string_view field) const;
  std::filesystem::path told() const { return directory_ / "server.log"; }

  const std::filesystem::path directory_;
  store::FileDescriptor output_;  // stays open: a server without a reader would be told so by a signal
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
  Milliseconds start_time_{};
};

}  // namespace csrflow::bench
