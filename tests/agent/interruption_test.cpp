// Stops the agent, or the machine under it, before each call of the file system in turn, and fails each call
// in turn; then looks at what applications would find, and lets the agent run on.
#include <random>

#include "tests/agent/fake_host.hpp"
#include "tests/agent/simulated_disk.hpp"
#include "tests/agent/wishes.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

using test::Authority;
using test::FakeHooks;
using test::FakeHostClock;
using test::FakeProber;
using test::noon;
using test::SimulatedDisk;
using test::Stopped;
using test::web_wish;

const std::string directory = "/var/lib/csrflow-agent/web-1";
// The key may be read by a group, as where a service has a user of its own.
constexpr gid_t readers = 33;
const FileLayout layout{.key = {.owner = std::nullopt, .group = readers, .mode = 0640}, .combined = true};

/// Signs each request once, and gives the same certificate whenever it is asked again.
class Server {
 public:
  Delivery certificate_for(const std::string& name, const engine::Bytes& request) {
    auto& issued = issued_[name];
    if (issued.empty()) issued = authority().issue(request, {.serial = ++serial_});
    return {issued, authority().certificate(), std::nullopt};
  }
  std::size_t requests() const { return issued_.size(); }

 private:
  static const Authority& authority() {
    static const Authority made;
    return made;
  }
  std::map<std::string, engine::Bytes> issued_;
  long serial_ = 0x7f00;
};

/// The files that a service opens through `current`.
struct Served {
  std::string key, certificate, combined;
};

std::optional<Served> served(const SimulatedDisk& disk) {
  const auto key = disk.content(directory + "/current/tls.key");
  const auto certificate = disk.content(directory + "/current/tls.crt");
  const auto combined = disk.content(directory + "/current/full.pem");
  if (!key || !certificate || !combined) return std::nullopt;
  return Served{*key, *certificate, *combined};
}

bool match(const Served& files) {
  const auto key = PrivateKey::read(files.key);
  const auto chain = read_certificates(files.certificate, max_chain_length);
  return key && chain && X509_check_private_key(chain->front().get(), key->handle()) == 1 &&
         files.combined == files.key + files.certificate;
}

/// Is there a key that everybody can read, or another group than the one that is meant to?
bool is_key_open(const SimulatedDisk& disk) {
  for (const auto& [path, facts] : disk.files()) {
    if (!path.ends_with("tls.key") && !path.ends_with("full.pem")) continue;
    if ((facts.mode & 0007) != 0 || ((facts.mode & 0070) != 0 && facts.group != readers)) return true;
  }
  return false;
}

struct Machine {
  SimulatedDisk disk;
  Server server;
  FakeHooks hooks;
  FakeProber prober;
  FakeHostClock clock;
  CertificateWish wish = web_wish();
  std::optional<Probe> probe;

  /// From a start of the agent to the end of one installation.
  InstallResult run() {
    StateDirectory state(disk, directory, layout);
    Installer installer(hooks, prober, clock);
    const Unit unit{wish, state, probe};
    if (auto placed = installer.resume(unit)) return finish(installer, std::move(*placed));
    if (!state.pending()) {
      state.require_writable();
      PrivateKey key = PrivateKey::make(wish.key);
      const auto request = make_request(key, wish).value();
      std::string name = request_name(wish.name, key.public_key());
      state.keep_pending({std::move(name), 1, std::move(key), request});
    }
    const auto pending = state.pending();
    const auto delivery = server.certificate_for(pending->name, pending->request);
    auto placement = installer.place(unit, delivery, clock.now());
    if (auto* failed = std::get_if<InstallFailed>(&placement)) return std::move(*failed);
    return finish(installer, std::move(std::get<Placed>(placement)));
  }
  /// Is there a request under way, or nothing at all?
  bool unsettled() const {
    return disk.exists(directory + "/pending") || !disk.exists(directory + "/current");
  }
  static InstallResult finish(Installer& installer, Placed placed) {
    std::vector<Placed> all;
    all.push_back(std::move(placed));
    return std::move(installer.complete(std::move(all), NoHook{}, {}).front());
  }
};

/// Kinds of ends: how the machine comes up again.
using Restart = std::function<void(SimulatedDisk&)>;
const std::pair<const char*, Restart> restarts[] = {
    {"killed", [](SimulatedDisk& disk) { disk.restart(); }},
    {"power lost, nothing survives unsynced",
     [](SimulatedDisk& disk) { disk.lose_power([] { return false; }); }},
    {"power lost, all names survive", [](SimulatedDisk& disk) { disk.lose_power([] { return true; }); }},
    {"power lost, some names survive",
     [](SimulatedDisk& disk) {
       std::mt19937 random(disk.calls());
       disk.lose_power([&] { return random() % 2 == 0; });
     }},
};

/// False when it was stopped on the way.
bool run_until(Machine& machine, int call) {
  machine.disk.stop_before(call);
  try {
    machine.run();
    machine.disk.restart();
    return true;
  } catch (const Stopped&) {
    return false;
  }
}

/// Stops the machine before each call of a run in turn and shows what comes up again, in each of the ways; at
/// last the one that was not stopped.
void each_stop(const Machine& start, const std::function<void(Machine&)>& look) {
  for (int call = 1;; ++call) {
    INFO("before call " << call);
    Machine machine = start;
    if (run_until(machine, call)) return look(machine);
    for (const auto& [how, restart] : restarts) {
      INFO(how);
      Machine again = machine;
      restart(again.disk);
      look(again);
    }
  }
}

/// A machine that has a certificate, an hour later.
Machine installed() {
  Machine machine;
  REQUIRE(std::holds_alternative<Installed>(machine.run()));
  machine.clock.set(noon + engine::seconds(3600));
  return machine;
}

TEST_CASE("stopped before any call, a first certificate is installed after the restart by one request") {
  each_stop(Machine(), [](Machine& machine) {
    if (const auto files = served(machine.disk)) REQUIRE(match(*files));
    REQUIRE_FALSE(is_key_open(machine.disk));
    if (machine.unsettled()) REQUIRE(std::holds_alternative<Installed>(machine.run()));
    REQUIRE(match(served(machine.disk).value()));
    REQUIRE(machine.server.requests() == 1);
    REQUIRE_FALSE(machine.disk.exists(directory + "/pending"));
  });
}

TEST_CASE("stopped before any call, a service finds the old pair or the new one and at last the new one") {
  const Machine start = installed();
  const std::string old = served(start.disk)->certificate;
  each_stop(start, [&](Machine& machine) {
    const auto files = served(machine.disk);
    REQUIRE(files);
    REQUIRE(match(*files));
    if (machine.unsettled() || files->certificate == old)
      REQUIRE(std::holds_alternative<Installed>(machine.run()));
    REQUIRE(match(served(machine.disk).value()));
    REQUIRE(served(machine.disk)->certificate != old);
    REQUIRE(machine.server.requests() == 2);
  });
}

TEST_CASE("stopped before any call of a roll-back, a service finds a matching pair and the retry ends well") {
  Machine start = installed();
  const std::string old = served(start.disk)->certificate;
  start.hooks.failure = HookFailure{"the hook failed", {}};
  each_stop(start, [&](Machine& machine) {
    REQUIRE(match(served(machine.disk).value()));
    machine.hooks.failure.reset();
    REQUIRE(std::holds_alternative<Installed>(machine.run()));
    REQUIRE(match(served(machine.disk).value()));
    REQUIRE(served(machine.disk)->certificate != old);
    REQUIRE(machine.server.requests() == 2);
  });
}

TEST_CASE("a roll-back leaves the old pair") {
  Machine machine = installed();
  const Served old = served(machine.disk).value();
  machine.hooks.failure = HookFailure{"the hook failed", {}};
  REQUIRE(std::holds_alternative<RolledBack>(machine.run()));
  CHECK(served(machine.disk)->certificate == old.certificate);
  CHECK(served(machine.disk)->key == old.key);
}

TEST_CASE("a call that fails leaves a matching pair, and the next try ends well") {
  const Machine start = installed();
  const std::string old = served(start.disk)->certificate;
  bool failed = true;
  for (int call = 1; failed; ++call) {
    const int error_number = call % 2 == 0 ? ENOSPC : EROFS;
    INFO("call " << call << " fails with " << error_number);
    Machine machine = start;
    machine.disk.fail_at(call, error_number);
    std::optional<InstallResult> result;
    try {
      result = machine.run();
    } catch (const FileError& error) {
      CHECK(error.number == error_number);
    }
    failed = machine.disk.failed();
    machine.disk.restart();
    REQUIRE(match(served(machine.disk).value()));
    if (result && std::holds_alternative<InstallFailed>(*result))
      REQUIRE(std::get<InstallFailed>(*result).step == InstallStep::write);
    machine.clock.set(noon + engine::seconds(7200));
    if (machine.unsettled() || served(machine.disk)->certificate == old)
      REQUIRE(std::holds_alternative<Installed>(machine.run()));
    REQUIRE(served(machine.disk)->certificate != old);
    REQUIRE(match(served(machine.disk).value()));
    REQUIRE(machine.server.requests() == 2);
  }
}

TEST_CASE("at no moment of a rotation is there a mismatching pair, or a key for everybody") {
  Machine machine;
  int looked = 0;
  bool was_there = false;
  machine.disk.watch([&] {
    ++looked;
    const auto files = served(machine.disk);
    REQUIRE(files.has_value() >= was_there);
    was_there = files.has_value();
    if (files) REQUIRE(match(*files));
    REQUIRE_FALSE(is_key_open(machine.disk));
  });
  for (int turn = 0; turn < 5; ++turn) {
    machine.clock.set(noon + engine::seconds(turn * 3600));
    REQUIRE(std::holds_alternative<Installed>(machine.run()));
  }
  CHECK(looked > 100);
}

TEST_CASE("what a call of the directory has done is there after a power loss") {
  SimulatedDisk disk;
  const auto nothing_survives = [] { return false; };
  const CertificateWish wish = web_wish();
  const test::Asked asked(wish);
  const Authority authority;
  const engine::Bytes leaf = authority.issue(asked.request);
  std::vector<Version> made;
  {
    StateDirectory state(disk, directory, layout);
    state.keep_pending(
        {"web-1-0123456789ab", 1, PrivateKey::read(asked.key.pem().view()).value(), asked.request});
    for (const char serial : {'1', '2'}) {
      made.push_back(state.add({asked.key, leaf, authority.certificate(), {.serial = {{serial}}}}));
      state.make_current(made.back());
    }
  }
  disk.lose_power(nothing_survives);
  {
    StateDirectory state(disk, directory, layout);
    CHECK(state.pending());
    CHECK(state.current()->name == made[1].name);
    state.make_current(made[0]);
  }
  disk.lose_power(nothing_survives);
  {
    StateDirectory state(disk, directory, layout);
    CHECK(state.current()->name == made[0].name);
    state.drop_pending();
  }
  disk.lose_power(nothing_survives);
  CHECK_FALSE(StateDirectory(disk, directory, layout).pending());
}

TEST_CASE("a full disk is known before a request is made") {
  Machine machine;
  { const StateDirectory made(machine.disk, directory, layout); }
  StateDirectory state(machine.disk, directory, layout);
  // Names of both directories are listed first; then the test file is made, and written.
  machine.disk.fail_at(4, ENOSPC);
  CHECK_THROWS_AS(state.require_writable(), FileError);
  CHECK(machine.disk.failed());
  CHECK(machine.server.requests() == 0);
  CHECK_NOTHROW(state.require_writable());
}

}  // namespace
}  // namespace csrflow::agent
