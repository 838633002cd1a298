#include "tools/progress.hpp"

#include <unistd.h>

#include <cstdio>

namespace csrflow::tools {
namespace {

using namespace std::chrono_literals;
constexpr auto silence = 500ms;
constexpr auto between = 100ms;
constexpr std::uint64_t width = 30;

}  // namespace

Progress::Progress(std::string doing)
    : doing_(std::move(doing)),
      terminal_(isatty(STDERR_FILENO) == 1),
      begun_(std::chrono::steady_clock::now()) {}

void Progress::show(std::uint64_t done, std::uint64_t total) {
  auto now = std::chrono::steady_clock::now();
  if (!terminal_ || total == 0 || now - begun_ < silence || now - shown_ < between) return;
  shown_ = now;
  there_ = true;
  double passed = std::chrono::duration<double>(now - begun_).count();
  double rate = static_cast<double>(done) / passed;
  double left = rate > 0 ? static_cast<double>(total - done) / rate : 0;
  std::string bar(width * done / total, '#');
  bar.resize(width, '.');
  std::fprintf(stderr, "\r%s [%s] %llu of %llu, %.0f/s, %.0f s left \033[K", doing_.c_str(), bar.c_str(),
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(total), rate, left);
}

void Progress::end() {
  if (there_) std::fputs("\r\033[K", stderr);
  there_ = false;
}

}  // namespace csrflow::tools
