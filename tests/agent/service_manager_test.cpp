// What systemd would read from its socket.
#include "agent/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

namespace fs = std::filesystem;

/// Listens as systemd does, at a path or, with `@` in front, at an abstract name.
class Listener {
 public:
  explicit Listener(std::string name) : name_(std::move(name)), descriptor_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(&address.sun_path[0], name_.data(), name_.size());
    std::size_t length = offsetof(sockaddr_un, sun_path) + name_.size();
    if (name_.front() == '@') {
      address.sun_path[0] = '\0';
    } else {
      ++length;
    }
    REQUIRE(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(length)) == 0);
  }
  ~Listener() {
    close(descriptor_);
    if (name_.front() != '@') fs::remove(name_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// The next message; empty when there is none.
  std::string heard() const {
    std::array<char, 1024> text{};
    const auto length = recv(descriptor_, text.data(), text.size(), MSG_DONTWAIT);
    return length < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(length));
  }

 private:
  std::string name_;
  int descriptor_;
};

std::string abstract_name() {
  return "@csrflow-agent-test-" + std::to_string(getpid());
}

}  // namespace

TEST_CASE("systemd hears that the agent is ready, lives, reloads and stops") {
  const auto path = (fs::temp_directory_path() / ("csrflow-notify-" + std::to_string(getpid()))).string();
  for (const auto& name : {path, abstract_name()}) {
    const Listener systemd(name);
    ServiceManager manager(name);
    manager.ready();
    CHECK(systemd.heard() == "READY=1");
    manager.status("3 certificates, next web-1\nin 4 d");
    CHECK(systemd.heard() == "STATUS=3 certificates, next web-1 in 4 d");
    manager.alive();
    CHECK(systemd.heard() == "WATCHDOG=1");
    manager.reloading();
    CHECK(systemd.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    manager.stopping();
    CHECK(systemd.heard() == "STOPPING=1");
    manager.more_time(engine::seconds(30));
    CHECK(systemd.heard() == "EXTEND_TIMEOUT_USEC=30000000");
    CHECK(systemd.heard().empty());
  }
}

TEST_CASE("a sign of life is due twice as often as systemd wants one") {
  CHECK(ServiceManager("/run/x", engine::seconds(60)).interval() == engine::seconds(30));
  CHECK(ServiceManager("/run/x").interval() == std::nullopt);
}

TEST_CASE("where and how often comes from the environment, which no hook inherits") {
  const Listener systemd(abstract_name());
  setenv("NOTIFY_SOCKET", abstract_name().c_str(), 1);
  setenv("WATCHDOG_USEC", "20000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  auto manager = ServiceManager::of_environment();
  manager.ready();
  CHECK(systemd.heard() == "READY=1");
  CHECK(manager.interval() == engine::seconds(10));
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
  CHECK(std::getenv("WATCHDOG_USEC") == nullptr);

  setenv("WATCHDOG_USEC", "20000000", 1);
  setenv("WATCHDOG_PID", "1", 1);  // somebody else is watched
  CHECK(ServiceManager::of_environment().interval() == std::nullopt);
}

TEST_CASE("where nobody listens nothing is said, and nothing fails") {
  ServiceManager().ready();
  ServiceManager("/nowhere/at/all").ready();
  ServiceManager(std::string(4096, 'x')).ready();
  SUCCEED();
}

}  // namespace csrflow::agent
