// A progress bar on stderr, when that is a terminal; silent elsewhere and for work of less than half a
// second.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace csrflow::tools {

class Progress {
 public:
  explicit Progress(std::string doing);
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::uint64_t done, std::uint64_t total);
  /// Wipes the bar.
  void end();

 private:
  const std::string doing_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point shown_{};
  bool there_ = false;
};

}  // namespace csrflow::tools
