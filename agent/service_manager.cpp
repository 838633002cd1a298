#include "agent/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

namespace csrflow::agent {
namespace {

constexpr std::size_t longest_status = 512;

std::string taken_from_environment(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value ? value : "";
  unsetenv(name);
  return text;
}

template <class Number>
std::optional<Number> number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::int64_t monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

ServiceManager::ServiceManager(std::string socket, std::optional<engine::Duration> watchdog)
    : socket_(std::move(socket)), watchdog_(watchdog) {}

ServiceManager ServiceManager::of_environment() {
  std::string socket = taken_from_environment("NOTIFY_SOCKET");
  const auto every = number<std::int64_t>(taken_from_environment("WATCHDOG_USEC"));
  const auto whose = number<pid_t>(taken_from_environment("WATCHDOG_PID"));
  const bool ours = every && *every > 0 && (!whose || *whose == getpid());
  return ServiceManager(std::move(socket), ours ? std::optional(engine::Duration{*every}) : std::nullopt);
}

void ServiceManager::status(std::string_view line) {
  std::string message = "STATUS=" + std::string(line.substr(0, longest_status));
  std::ranges::replace(message, '\n', ' ');
  send(message);
}

void ServiceManager::reloading() {
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds()));
}

void ServiceManager::more_time(engine::Duration time) {
  send("EXTEND_TIMEOUT_USEC=" + std::to_string(time.microseconds));
}

std::optional<engine::Duration> ServiceManager::interval() const {
  if (!watchdog_) return std::nullopt;
  return engine::Duration{std::max<std::int64_t>(watchdog_->microseconds / 2, 1)};
}

void ServiceManager::send(std::string_view message) const {
  sockaddr_un address{};
  if (socket_.size() < 2 || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[0], socket_.data(), socket_.size());
  std::size_t length = offsetof(sockaddr_un, sun_path) + socket_.size();
  if (socket_.front() == '@') {
    address.sun_path[0] = '\0';  // an abstract name is as long as the address says
  } else {
    ++length;
  }
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return;
  static_cast<void>(sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL,
                           reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length)));
  close(descriptor);
}

}  // namespace csrflow::agent
