#include "agent/installer.hpp"

#include "tests/agent/fake_host.hpp"
#include "tests/agent/folder.hpp"
#include "tests/agent/wishes.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

using Catch::Matchers::Contains;
using test::Authority;
using test::FakeHooks;
using test::FakeHostClock;
using test::FakeProber;
using test::Folder;
using test::Issue;
using test::noon;

const CommandHook reload{{"reload-web"}};
using Told = FakeHooks::Told;

/// One certificate of the host.
struct Kept {
  Kept(const std::filesystem::path& path, std::string name)
      : wish{.name = std::move(name),
             .dns = {"www.example.com"},
             .usages = {"digital signature", "server auth"}},
        state(system_files(), path, {}) {}

  void request() {
    PrivateKey key = PrivateKey::make(wish.key);
    const auto pem = make_request(key, wish).value();
    state.keep_pending({request_name(wish.name, key.public_key()), 1, std::move(key), pem});
  }
  std::string serving() { return state.current() ? state.current()->facts.serial.hex() : "none"; }

  CertificateWish wish;
  StateDirectory state;
  std::optional<Probe> probe;
};

struct Host {
  Folder folder;
  Authority authority;
  FakeHooks hooks;
  FakeProber prober;
  FakeHostClock clock;
  Installer installer{hooks, prober, clock};
  Kept web{folder / "web-1", "web-1"};
  Kept mail{folder / "mail-1", "mail-1"};

  static Unit unit(Kept& kept) { return {kept.wish, kept.state, kept.probe}; }
  Delivery delivery(Kept& kept, const Issue& issue) {
    return {authority.issue(kept.state.pending()->request, issue), authority.certificate(), std::nullopt};
  }
  Placement place(Kept& kept, const Issue& issue) {
    if (!kept.state.pending()) kept.request();
    return installer.place(unit(kept), delivery(kept, issue), noon);
  }
  InstallResult install(Kept& kept, const Issue& issue, std::stop_token stop = {}) {
    auto placement = place(kept, issue);
    if (auto* failed = std::get_if<InstallFailed>(&placement)) return std::move(*failed);
    return complete({&placement}, stop).front();
  }
  std::vector<InstallResult> complete(std::initializer_list<Placement*> placements,
                                      std::stop_token stop = {}) {
    std::vector<Placed> placed;
    for (Placement* each : placements) placed.push_back(std::move(std::get<Placed>(*each)));
    return installer.complete(std::move(placed), reload, stop);
  }
  /// The service takes up what is current whenever the hook runs.
  void serve_what_is_current(Kept& kept) {
    kept.probe = Probe{.host = kept.wish.name};
    prober.served = [this](const Probe& probe) -> std::expected<engine::Bytes, std::string> {
      return loaded_.at(probe.host);
    };
    const auto before = hooks.on_run;
    hooks.on_run = [this, &kept, before] {
      if (before) before();
      loaded_[kept.wish.name] = read_leaf(kept.state.certificate(*kept.state.current()))->der;
    };
  }

 private:
  std::map<std::string, engine::Bytes> loaded_;
};

TEST_CASE("a certificate is placed, told and probed, and its pending key settled") {
  Host host;
  host.serve_what_is_current(host.web);
  const auto result = host.install(host.web, {.serial = 0x7f01});
  REQUIRE(std::holds_alternative<Installed>(result));
  CHECK(std::get<Installed>(result).version.facts.serial.hex() == "7f01");
  CHECK(host.web.serving() == "7f01");
  CHECK_FALSE(host.web.state.pending());
  CHECK(host.hooks.calls == std::vector{Told{"web-1", "7f01", HookEvent::installed}});
  CHECK(host.prober.attempts == 2);
}

TEST_CASE("what is known of the certificate is kept with it") {
  Host host;
  host.web.request();
  const std::string request = host.web.state.pending()->name;
  host.clock.set(noon + engine::seconds(5));
  auto placement = host.installer.place(Host::unit(host.web), host.delivery(host.web, {.serial = 0x7f01}),
                                        noon + engine::Duration{250'000});
  CHECK(std::get<Placed>(placement).version.facts ==
        VersionFacts{.serial = {"\x7f\x01"},
                     .not_before = noon,
                     .not_after = noon + engine::seconds(86'400),
                     .issued_at = noon + engine::Duration{250'000},
                     .request = request,
                     .generation = 1,
                     .installed_at = noon + engine::seconds(5),
                     .replaces = {}});
}

TEST_CASE("a certificate that fails a check changes nothing") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  const auto result = host.install(host.web, {.serial = 0x7f02, .names = "critical,DNS:other.example.com"});
  const auto& failed = std::get<InstallFailed>(result);
  CHECK(failed.step == InstallStep::check);
  CHECK(failed.check == Check::names);
  CHECK_THAT(failed.message, Contains("other.example.com"));
  CHECK(host.web.serving() == "7f01");
  CHECK(host.web.state.versions().size() == 1);
  CHECK(host.hooks.calls.size() == 1);
}

TEST_CASE("the certificate of an earlier request is refused") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  const auto result = host.install(host.web, {.serial = 0x7f01});
  CHECK(std::get<InstallFailed>(result).check == Check::serial);
}

TEST_CASE("a certificate that is not valid yet is waited for") {
  Host host;
  const Issue later{.not_before = noon + engine::seconds(100), .serial = 0x7f01};
  const auto early = host.place(host.web, later);
  CHECK(std::get<NotYetValid>(early).until == noon + engine::seconds(40));
  CHECK(host.web.serving() == "none");
  host.clock.set(noon + engine::seconds(40));
  CHECK(std::holds_alternative<Placed>(host.place(host.web, later)));
}

TEST_CASE("without a pending key there is nothing to install") {
  Host host;
  host.web.request();
  const auto delivery = host.delivery(host.web, {});
  host.web.state.drop_pending();
  const auto placement = host.installer.place(Host::unit(host.web), delivery, noon);
  CHECK_THAT(std::get<InstallFailed>(placement).message, Contains("no request of web-1 is under way"));
}

TEST_CASE("a hook that fails brings the old certificate back, and is told so") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  host.hooks.failure = HookFailure{"reload-web ended with exit code 1", "nginx: broken\n"};
  const auto result = host.install(host.web, {.serial = 0x7f02});
  const auto& rolled = std::get<RolledBack>(result);
  CHECK(rolled.step == InstallStep::hook);
  CHECK(rolled.message == "reload-web ended with exit code 1");
  CHECK(rolled.output == "nginx: broken\n");
  CHECK(rolled.serving.facts.serial.hex() == "7f01");
  CHECK_FALSE(rolled.second_failure);
  CHECK(host.web.serving() == "7f01");
  CHECK(host.hooks.calls == std::vector{Told{"web-1", "7f01", HookEvent::installed},
                                        Told{"web-1", "7f02", HookEvent::installed},
                                        Told{"web-1", "7f01", HookEvent::rolled_back}});
  CHECK(host.prober.attempts == 0);

  SECTION("the retry installs the same certificate again") {
    host.hooks.failure.reset();
    CHECK(std::holds_alternative<Installed>(host.install(host.web, {.serial = 0x7f02})));
    CHECK(host.web.serving() == "7f02");
  }
}

TEST_CASE("when the hook fails a second time, that is said, too") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  host.hooks.failure = HookFailure{"first", {}};
  host.hooks.second_failure = HookFailure{"second", {}};
  const auto result = host.install(host.web, {.serial = 0x7f02});
  CHECK(std::get<RolledBack>(result).message == "first");
  CHECK(std::get<RolledBack>(result).second_failure == "second");
}

TEST_CASE("a service that does not hand out the new certificate gets the old one back") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  const auto old = read_leaf(host.web.state.certificate(*host.web.state.current()))->der;
  host.web.probe = Probe{.host = "www.example.com", .port = 8443};
  host.prober.served = [&](const Probe&) { return old; };
  const auto result = host.install(host.web, {.serial = 0x7f02});
  const auto& rolled = std::get<RolledBack>(result);
  CHECK(rolled.step == InstallStep::probe);
  CHECK(rolled.message ==
        "www.example.com:8443 does not serve the new certificate: it serves the one with the serial number "
        "7f01");
  CHECK(host.web.serving() == "7f01");
  CHECK(host.clock.now() == noon + engine::seconds(60));
  CHECK(host.prober.attempts == 61);
}

TEST_CASE("a first certificate has nothing to go back to and stays") {
  Host host;
  host.hooks.failure = HookFailure{"not there", {}};
  const auto result = host.install(host.web, {.serial = 0x7f01});
  CHECK(std::get<InstallFailed>(result).step == InstallStep::hook);
  CHECK(host.web.serving() == "7f01");
  CHECK(host.hooks.calls.size() == 1);

  SECTION("the retry goes on from the hook") {
    host.hooks.failure.reset();
    CHECK(std::holds_alternative<Installed>(host.install(host.web, {.serial = 0x7f01})));
    CHECK(host.web.state.versions().size() == 1);
  }
}

TEST_CASE("an expired certificate is not put back") {
  Host host;
  host.install(host.web, {.not_after = noon + engine::seconds(100), .serial = 0x7f01});
  host.clock.set(noon + engine::seconds(100));
  host.hooks.failure = HookFailure{"reload failed", {}};
  const auto result = host.install(host.web, {.serial = 0x7f02});
  CHECK(std::get<InstallFailed>(result).step == InstallStep::hook);
  CHECK(host.web.serving() == "7f02");
}

TEST_CASE("a certificate that expires while the service is probed is not put back") {
  Host host;
  host.install(host.web, {.not_after = noon + engine::seconds(30), .serial = 0x7f01});
  host.web.probe = Probe{.host = "www.example.com"};
  const auto result = host.install(host.web, {.serial = 0x7f02});
  CHECK(std::get<InstallFailed>(result).step == InstallStep::probe);
  CHECK(host.web.serving() == "7f02");
}

TEST_CASE("a revoked certificate is not put back, also not after a restart") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  host.hooks.failure = HookFailure{"reload failed", {}};
  host.web.request();
  Delivery delivery = host.delivery(host.web, {.serial = 0x7f02});
  delivery.crl = host.authority.revoke({0x7f01});
  auto placement = host.installer.place(Host::unit(host.web), delivery, noon);
  SECTION("at once") {}
  SECTION("after a restart") {
    auto resumed = host.installer.resume(Host::unit(host.web), delivery.crl);
    REQUIRE(resumed);
    placement.emplace<Placed>(std::move(*resumed));
  }
  CHECK(std::get<InstallFailed>(host.complete({&placement}).front()).step == InstallStep::hook);
  CHECK(host.web.serving() == "7f02");
}

TEST_CASE("certificates that share a hook are told together") {
  Host host;
  host.serve_what_is_current(host.web);
  host.serve_what_is_current(host.mail);
  auto web = host.place(host.web, {.serial = 0x7f01}), mail = host.place(host.mail, {.serial = 0x7f02});
  const auto results = host.complete({&web, &mail});
  CHECK(std::holds_alternative<Installed>(results[0]));
  CHECK(std::holds_alternative<Installed>(results[1]));
  CHECK(host.hooks.calls == std::vector{Told{"web-1 mail-1", "7f01 7f02", HookEvent::installed}});
}

TEST_CASE("of certificates that share a hook only those go back that are not served") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  host.install(host.mail, {.serial = 0x7f02});
  host.hooks.calls.clear();
  host.serve_what_is_current(host.web);
  host.mail.probe = Probe{.host = "unknown"};
  auto web = host.place(host.web, {.serial = 0x7f03}), mail = host.place(host.mail, {.serial = 0x7f04});
  host.prober.served =
      [&, served = host.prober.served](const Probe& probe) -> std::expected<engine::Bytes, std::string> {
    if (probe.host == "unknown") return std::unexpected("nothing listens");
    return served(probe);
  };
  const auto results = host.complete({&web, &mail});
  CHECK(std::holds_alternative<Installed>(results[0]));
  CHECK(std::get<RolledBack>(results[1]).message ==
        "unknown:443 does not serve the new certificate: nothing listens");
  CHECK(host.web.serving() == "7f03");
  CHECK(host.mail.serving() == "7f02");
  CHECK(host.hooks.calls == std::vector{Told{"web-1 mail-1", "7f03 7f04", HookEvent::installed},
                                        Told{"mail-1", "7f02", HookEvent::rolled_back}});
}

TEST_CASE("a shared hook that fails brings all of them back by one further hook") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  host.install(host.mail, {.serial = 0x7f02});
  host.hooks.calls.clear();
  host.hooks.failure = HookFailure{"reload failed", {}};
  auto web = host.place(host.web, {.serial = 0x7f03}), mail = host.place(host.mail, {.serial = 0x7f04});
  for (const auto& result : host.complete({&web, &mail})) CHECK(std::holds_alternative<RolledBack>(result));
  CHECK(host.hooks.calls.back() == Told{"web-1 mail-1", "7f01 7f02", HookEvent::rolled_back});
  CHECK(host.hooks.calls.size() == 2);
}

TEST_CASE("an agent that stops while it probes takes the swap up after its restart") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  host.web.probe = Probe{.host = "www.example.com"};
  std::stop_source stopping;
  host.clock.on_sleep = [&] { stopping.request_stop(); };
  CHECK(std::holds_alternative<InstallStopped>(
      host.install(host.web, {.serial = 0x7f02}, stopping.get_token())));
  CHECK(host.web.serving() == "7f02");
  CHECK(host.web.state.swapped());

  host.serve_what_is_current(host.web);
  auto resumed = host.installer.resume(Host::unit(host.web));
  REQUIRE(resumed);
  Placement placement(std::in_place_type<Placed>, std::move(*resumed));
  CHECK(std::holds_alternative<Installed>(host.complete({&placement}).front()));
  CHECK_FALSE(host.installer.resume(Host::unit(host.web)));
}

TEST_CASE("an agent that is stopping runs no hook") {
  Host host;
  std::stop_source stopping;
  stopping.request_stop();
  CHECK(std::holds_alternative<InstallStopped>(
      host.install(host.web, {.serial = 0x7f01}, stopping.get_token())));
  CHECK(host.hooks.calls.empty());
  CHECK(host.web.state.swapped());
}

TEST_CASE("an old certificate that cannot be put back is said") {
  Host host;
  host.install(host.web, {.serial = 0x7f01});
  host.hooks.failure = HookFailure{"reload failed", {}};
  const auto current = host.folder / "web-1/current";
  host.hooks.on_run = [&] {
    std::filesystem::remove(current);
    std::filesystem::create_directory(current);
  };
  const auto result = host.install(host.web, {.serial = 0x7f02});
  CHECK_THAT(
      std::get<InstallFailed>(result).message,
      Contains("reload failed; the old certificate cannot be put back: ") && Contains("is no symlink"));
}

}  // namespace
}  // namespace csrflow::agent
