// A server of values and a host of its own time: what the loop's tests are given.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "agent/loop.hpp"
#include "tests/agent/authority.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent::test {

/// Time passes while the loop waits; each wait is told to the test.
struct FakeClock : HostClock {
  engine::Timestamp time = noon;
  std::function<bool()> waits = [] { return true; };  // false: no time passes any more

  engine::Timestamp now() const override { return time; }
  bool sleep(engine::Duration duration, std::stop_token stop) override {
    if (waits()) time = time + duration;
    return !stop.stop_requested();
  }
};

struct Reported {
  std::string request;
  InstallationReport report;
};

/// The server's side.
struct Site {
  FakeClock& clock;
  Authority authority{};
  std::map<std::string, RequestObject> requests;
  std::map<std::string, NewRequest> asked;
  std::vector<Reported> reports;
  std::vector<RekeyRequest> rekeys;
  std::vector<std::string> callers;  // of creations: `token:…` or `certificate`
  std::vector<RequestChange> changes;
  std::set<std::string> known_tokens{"good-token"};
  bool down = false, list_forbidden = false;
  int connections = 0, lists = 0;
  long serial = 0x7f0000;
  engine::Duration lifetime = engine::seconds(86'399);

  void change(const std::string& name) {
    changes.push_back({.kind = RequestChange::Kind::changed, .object = requests.at(name)});
  }
  /// Approves and signs.
  void sign(const std::string& name) {
    RequestObject& object = requests.at(name);
    object.approved = true;
    object.issued_at = clock.time;
    object.certificate = authority.issue(
        object.request, {.not_before = clock.time, .not_after = clock.time + lifetime, .serial = ++serial});
    change(name);
  }
  void sign_all() {
    for (const auto& [name, object] : requests)
      if (object.certificate.empty() && !object.denied) sign(name);
  }
  void deny(const std::string& name) {
    requests.at(name).denied = "NotWelcome: ask somebody else";
    change(name);
  }
};

inline CallFailure failure(CallFailure::Kind kind, std::string message) {
  return {kind, std::move(message), std::nullopt};
}

class FakeWatch : public Watch {
 public:
  explicit FakeWatch(Site& site) : site_(site) {}
  Answer<std::optional<RequestChange>> next(std::chrono::milliseconds patience) override {
    if (site_.changes.empty()) {
      const bool on = site_.clock.waits();
      if (site_.changes.empty() || !on) {
        if (on) site_.clock.time = site_.clock.time + engine::Duration{patience.count() * 1'000};
        return std::nullopt;
      }
    }
    if (site_.down) return std::unexpected(failure(CallFailure::Kind::unreachable, "the watch broke off"));
    RequestChange change = std::move(site_.changes.front());
    site_.changes.erase(site_.changes.begin());
    return change;
  }

 private:
  Site& site_;
};

class FakeServer : public Server {
 public:
  FakeServer(Site& site, Credentials credentials) : site_(site), credentials_(std::move(credentials)) {
    ++site_.connections;
  }

  Answer<RequestObject> create(const NewRequest& wanted) override {
    if (auto problem = refusal()) return std::unexpected(*problem);
    if (site_.requests.contains(wanted.name))
      return std::unexpected(failure(CallFailure::Kind::conflict, wanted.name + " already exists"));
    site_.asked[wanted.name] = wanted;
    site_.callers.push_back(credentials_.chain.empty() ? "token:" + credentials_.token : "certificate");
    return site_.requests[wanted.name] = {.name = wanted.name, .version = "1", .request = wanted.request};
  }
  Answer<RequestObject> get(const std::string& name) override {
    if (auto problem = refusal()) return std::unexpected(*problem);
    const auto found = site_.requests.find(name);
    if (found == site_.requests.end())
      return std::unexpected(failure(CallFailure::Kind::not_found, "not found"));
    return found->second;
  }
  Answer<RequestList> list(const std::string&) override {
    if (auto problem = refusal()) return std::unexpected(*problem);
    ++site_.lists;
    if (site_.list_forbidden) return std::unexpected(failure(CallFailure::Kind::forbidden, "may not list"));
    RequestList list{.items = {}, .version = "1"};
    for (const auto& [name, object] : site_.requests) list.items.push_back(object);
    site_.changes.clear();
    return list;
  }
  Answer<std::unique_ptr<Watch>> watch(const std::string&, const std::string&) override {
    if (auto problem = refusal()) return std::unexpected(*problem);
    return std::make_unique<FakeWatch>(site_);
  }
  /// For an expired certificate, too.
  Answer<std::unique_ptr<Watch>> watch_one(const std::string&, const std::string&) override {
    return std::make_unique<FakeWatch>(site_);
  }
  Answer<void> report(const std::string& name, const InstallationReport& report) override {
    if (auto problem = refusal()) return std::unexpected(*problem);
    site_.reports.push_back({name, report});
    return {};
  }
  Answer<RequestObject> rekey(const std::string&, const RekeyRequest& rekey) override {
    if (site_.down) return std::unexpected(failure(CallFailure::Kind::unreachable, "down"));
    site_.rekeys.push_back(rekey);
    auto& object = site_.requests[rekey.name];
    object.name = rekey.name;
    object.request = rekey.request;
    return object;
  }
  Answer<engine::Bytes> authorities(const engine::SignerName&) override {
    return std::unexpected(failure(CallFailure::Kind::not_found, "no bundles"));
  }

 private:
  std::optional<CallFailure> refusal() const {
    if (site_.down) return failure(CallFailure::Kind::unreachable, "down");
    if (!credentials_.chain.empty()) {
      const auto leaf = read_leaf(credentials_.chain);
      if (leaf && site_.clock.time < leaf->not_after) return std::nullopt;
      return failure(CallFailure::Kind::unauthorized, "expired");
    }
    if (site_.known_tokens.contains(credentials_.token)) return std::nullopt;
    return failure(CallFailure::Kind::unauthorized, "nobody");
  }

  Site& site_;
  Credentials credentials_;
};

struct FakeHooks : HookRunner {
  explicit FakeHooks(std::vector<std::vector<std::string>>& all) : runs(all) {}
  std::vector<std::vector<std::string>>& runs;  // the names that each was told
  std::expected<void, HookFailure> run(const Hook& hook, std::span<const HookSubject> subjects,
                                       HookEvent) override {
    if (std::holds_alternative<NoHook>(hook)) return {};
    auto& told = runs.emplace_back();
    for (const auto& subject : subjects) told.push_back(subject.name);
    return {};
  }
};

struct NoProbes : Prober {
  std::expected<engine::Bytes, std::string> served_leaf(const Probe&, engine::Duration) override {
    return std::unexpected("there is no service");
  }
};

/// A host with a directory that goes with it.
class Host {
 public:
  Host() {
    std::string name = std::filesystem::temp_directory_path() / "csrflow-agent-XXXXXX";
    folder = mkdtemp(name.data());
    configuration.server = "https://ca.example.com:6443";
    configuration.state = folder / "state";
    configuration.host = "web-1";
    configuration.token_file = folder / "token";
    give_token("good-token");
  }
  ~Host() { std::filesystem::remove_all(folder); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  void give_token(const std::string& token) const { std::ofstream(folder / "token") << token << '\n'; }
  KeptCertificate& keep(const std::string& name) {
    KeptCertificate kept;
    kept.wish = {.name = name,
                 .key = KeyKind::p256,
                 .subject = {{"CN", name}},
                 .dns = {name + ".example.com"},
                 .usages = {"digital signature", "client auth", "server auth"}};
    kept.signer = {"example.com/web"};
    return configuration.certificates.emplace_back(std::move(kept));
  }
  /// Runs an agent; `waits` is called before each wait and says whether it goes on.
  void run(const std::function<bool()>& waits) {
    std::stop_source stop;
    int patience = 5'000;  // a loop that never ends is a failure
    clock.waits = [&] {
      if (--patience == 0) FAIL_CHECK("the agent does not come to an end");
      if (patience > 0 && waits()) return true;
      stop.request_stop();
      return false;
    };
    Loop(configuration, site.authority.certificate(), surroundings()).run(stop.get_token());
    clock.waits = [] { return true; };
  }
  Summary once() {
    return Loop(configuration, site.authority.certificate(), surroundings()).once(engine::seconds(5), {});
  }
  bool serves(const std::string& name) const {
    return std::filesystem::exists(configuration.state / name / "current" / "tls.crt");
  }
  std::optional<Version> version(const std::string& name) {
    return StateDirectory(system_files(), configuration.state / name, {}).current();
  }
  std::size_t version_count(const std::string& name) const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(configuration.state / name / "versions"))
      if (entry.path().filename().string().front() != '.') ++count;
    return count;
  }
  Notes notes(const std::string& name) { return NoteBook(system_files(), configuration.state).read(name); }

  FakeClock clock;
  Site site{.clock = clock};
  Configuration configuration;
  std::filesystem::path folder;
  std::vector<std::vector<std::string>> hooks;
  std::vector<std::string> told;

 private:
  Surroundings surroundings() {
    return {.files = system_files(),
            .clock = clock,
            .prober = prober_,
            .hooks = [this](engine::Duration) -> std::unique_ptr<HookRunner> {
              return std::make_unique<FakeHooks>(hooks);
            },
            .servers = [this](Credentials credentials) -> std::unique_ptr<Server> {
              return std::make_unique<FakeServer>(site, std::move(credentials));
            },
            .manager = manager_,
            .tell = [this](const std::string& sentence) { told.push_back(sentence); }};
  }
  NoProbes prober_;
  ServiceManager manager_;
};

}  // namespace csrflow::agent::test
