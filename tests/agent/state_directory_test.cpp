#include "agent/state_directory.hpp"

#include <sys/stat.h>

#include "tests/agent/authority.hpp"
#include "tests/agent/folder.hpp"
#include "tests/agent/wishes.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using test::Asked;
using test::Authority;
using test::contents;
using test::Folder;
using test::mode_of;
using test::noon;
using test::web_wish;

PendingRequest pending_of(const Asked& asked, std::int64_t generation = 1) {
  return {request_name("web-1", asked.key.public_key()), generation,
          PrivateKey::read(asked.key.pem().view()).value(), asked.request};
}

VersionFacts facts_at(engine::Timestamp installed_at, char serial) {
  return {.serial = {engine::Bytes("\x7f") + serial},
          .not_before = noon,
          .not_after = noon + engine::seconds(86'400),
          .issued_at = noon + engine::Duration{250'000},
          .request = "web-1-0123456789ab",
          .generation = 7,
          .installed_at = installed_at,
          .replaces = {}};
}

/// A host's directory on the operating system's disk.
struct Host {
  Folder folder;
  Authority authority;
  Asked asked{web_wish()};
  engine::Bytes leaf = authority.issue(asked.request);

  fs::path path() const { return folder / "web-1"; }
  StateDirectory open(FileLayout layout = {}) const { return {system_files(), path(), layout}; }
  Version install(StateDirectory& state, char serial, std::int64_t after = 0) const {
    const Version version = state.add(
        {asked.key, leaf, authority.certificate(), facts_at(noon + engine::seconds(after), serial)});
    state.make_current(version);
    return version;
  }
};

TEST_CASE("a directory is made with its parents, and nothing is in it") {
  const Host host;
  StateDirectory state(system_files(), host.folder / "a/b/web-1", {});
  CHECK(mode_of(host.folder / "a/b/web-1/versions") == 0755);
  CHECK(mode_of(host.folder / "a/b/web-1") == 0755);
  CHECK_FALSE(state.pending());
  CHECK_FALSE(state.current());
  CHECK(state.versions().empty());
}

TEST_CASE("a pending key comes back as it was kept, and only its owner can reach it") {
  const Host host;
  {
    StateDirectory state = host.open();
    state.keep_pending(pending_of(host.asked, 3));
  }
  StateDirectory state = host.open();
  const auto pending = state.pending();
  REQUIRE(pending);
  CHECK(pending->name == request_name("web-1", host.asked.key.public_key()));
  CHECK(pending->generation == 3);
  CHECK(pending->request == host.asked.request);
  CHECK(pending->key.public_key() == host.asked.key.public_key());
  CHECK(mode_of(host.path() / "pending") == 0700);
  CHECK(mode_of(host.path() / "pending/tls.key") == 0600);
}

TEST_CASE("a pending key is never overwritten, and dropped on demand") {
  const Host host;
  StateDirectory state = host.open();
  state.keep_pending(pending_of(host.asked));
  CHECK_THROWS_WITH(state.keep_pending(pending_of(Asked(web_wish()))), Contains("a request is under way"));
  state.drop_pending();
  CHECK_FALSE(state.pending());
  CHECK(std::distance(fs::directory_iterator(host.path()), {}) == 1);
  CHECK_NOTHROW(state.drop_pending());
}

TEST_CASE("a damaged pending request says what to do") {
  const Host host;
  StateDirectory state = host.open();
  state.keep_pending(pending_of(host.asked));
  SECTION("no key") {
    test::put(host.path() / "pending/tls.key", "x", 0600);
  }
  SECTION("no JSON") {
    test::put(host.path() / "pending/meta.json", "{", 0600);
  }
  SECTION("no name") {
    test::put(host.path() / "pending/meta.json", "{}", 0600);
  }
  CHECK_THROWS_WITH(state.pending(), Contains("is damaged") && Contains("remove the directory"));
}

TEST_CASE("applications find key, chain and authorities under current") {
  const Host host;
  StateDirectory state = host.open();
  const Version version = host.install(state, 1);
  CHECK(version.name == "20260701T120000Z-7f01");
  CHECK(fs::read_symlink(host.path() / "current") == "versions/20260701T120000Z-7f01");
  CHECK(state.current_path() == host.path() / "current");
  const auto current = host.path() / "current";
  CHECK(contents(current / "tls.crt") == host.leaf);
  CHECK(contents(current / "ca.crt") == host.authority.certificate());
  CHECK(PrivateKey::read(contents(current / "tls.key"))->public_key() == host.asked.key.public_key());
  CHECK(mode_of(current / "tls.key") == 0600);
  CHECK(mode_of(current / "tls.crt") == 0644);
  CHECK(mode_of(current / "ca.crt") == 0644);
  CHECK(mode_of(current) == 0755);
  CHECK_FALSE(fs::exists(current / "full.pem"));
}

TEST_CASE("one file with key and chain is made on demand") {
  const Host host;
  StateDirectory state = host.open({.combined = true});
  host.install(state, 1);
  const auto full = contents(host.path() / "current/full.pem");
  CHECK(full == contents(host.path() / "current/tls.key") + host.leaf);
  CHECK(mode_of(host.path() / "current/full.pem") == 0600);
}

TEST_CASE("what is known of a version is written beside it") {
  const Host host;
  StateDirectory state = host.open();
  const Version first = host.install(state, 1), second = host.install(state, 2, 60);
  CHECK(
      contents(host.path() / "current/meta.json") ==
      R"({"serial":"7f02","notBefore":"2026-07-01T12:00:00.000000Z","notAfter":"2026-07-02T12:00:00.000000Z",)"
      R"("issuedAt":"2026-07-01T12:00:00.250000Z","installedAt":"2026-07-01T12:01:00.000000Z",)"
      R"("request":"web-1-0123456789ab","generation":7,"replaces":"20260701T120000Z-7f01"})"
      "\n");
  CHECK(state.current()->facts == second.facts);
  CHECK(state.previous()->facts == first.facts);
  CHECK(state.certificate(first) == host.leaf);
  CHECK(state.authorities(first) == host.authority.certificate());
  CHECK(state.key(first).public_key() == host.asked.key.public_key());
}

TEST_CASE("what is current can be put back") {
  const Host host;
  StateDirectory state = host.open();
  const Version first = host.install(state, 1);
  host.install(state, 2, 60);
  state.make_current(*state.previous());
  CHECK(state.current()->name == first.name);
  CHECK_FALSE(state.previous());
}

TEST_CASE("a version that was put back is replaced by the next of the same serial") {
  const Host host;
  StateDirectory state = host.open();
  const Version first = host.install(state, 1);
  host.install(state, 2, 60);
  state.make_current(first);
  const Version again = host.install(state, 2, 120);
  CHECK(state.versions().size() == 2);
  CHECK(state.current()->name == again.name);
}

TEST_CASE("three versions are kept, the one before always among them") {
  const Host host;
  StateDirectory state = host.open();
  for (char serial = 1; serial <= 5; ++serial) {
    host.install(state, serial, serial * 60);
    state.settle();
  }
  REQUIRE(state.versions().size() == 3);
  CHECK(state.versions()[0].name == state.current()->name);
  CHECK(state.versions()[1].name == state.current()->facts.replaces);
  CHECK(state.versions()[2].facts.serial.hex() == "7f03");

  // The clock was set back a day: names no longer sort by age.
  const Version before = *state.current();
  const Version late = host.install(state, 9, -86'400);
  state.settle();
  CHECK(state.versions().size() == 3);
  CHECK(state.current()->name == late.name);
  CHECK(state.previous()->name == before.name);
}

TEST_CASE("what a crash left half done is removed, what is complete stays") {
  const Host host;
  {
    StateDirectory state = host.open();
    host.install(state, 1);
    state.keep_pending(pending_of(host.asked));
  }
  fs::create_directory(host.path() / "versions/.tmp-0011");
  test::put(host.path() / "versions/.tmp-0011/tls.key", "half", 0600);
  fs::create_directory(host.path() / ".pending-0011");
  fs::create_symlink("versions/none", host.path() / ".current-0011");
  test::put(host.path() / ".write-test-0011", "");
  StateDirectory state = host.open();
  CHECK(state.versions().size() == 1);
  CHECK(state.pending());
  CHECK(std::distance(fs::directory_iterator(host.path() / "versions"), {}) == 1);
  CHECK(std::distance(fs::directory_iterator(host.path()), {}) == 3);
}

TEST_CASE("a current that the agent did not make is refused with what to do") {
  const Host host;
  fs::create_directories(host.path());
  SECTION("a directory") {
    fs::create_directory(host.path() / "current");
    CHECK_THROWS_WITH(host.open(), Contains("current is no symlink") && Contains("move it away"));
  }
  SECTION("a file") {
    test::put(host.path() / "current", "");
    CHECK_THROWS_WITH(host.open(), Contains("current is no symlink"));
  }
  SECTION("a symlink to elsewhere") {
    fs::create_symlink("/etc/ssl", host.path() / "current");
    CHECK_THROWS_WITH(host.open(), Contains("leads to /etc/ssl") && Contains("remove the symlink"));
  }
  SECTION("one that comes while the agent runs") {
    StateDirectory state = host.open();
    const Version version = host.install(state, 1);
    fs::remove(host.path() / "current");
    fs::create_directory(host.path() / "current");
    CHECK_THROWS_WITH(state.make_current(version), Contains("current is no symlink"));
  }
}

TEST_CASE("a current that leads nowhere is made anew") {
  const Host host;
  fs::create_directories(host.path());
  fs::create_symlink("versions/gone", host.path() / "current");
  StateDirectory state = host.open();
  CHECK_FALSE(state.current());
  host.install(state, 1);
  CHECK(state.current()->facts.serial.hex() == "7f01");
}

TEST_CASE("a symlink in place of a file or directory is not followed") {
  const Host host;
  const Folder elsewhere;
  fs::create_directories(host.path());
  fs::create_directory_symlink(elsewhere / "", host.path() / "versions");
  CHECK_THROWS_AS(host.open(), FileError);
}

TEST_CASE("two agents do not share a directory") {
  const Host host;
  const auto first = std::make_unique<StateDirectory>(system_files(), host.path(), FileLayout());
  CHECK_THROWS_WITH(host.open(), Contains("in use by another agent"));
}

TEST_CASE("the lock goes with its holder") {
  const Host host;
  { const StateDirectory state = host.open(); }
  CHECK_NOTHROW(host.open());
}

TEST_CASE("a key may be given to a group, and to an owner") {
  const Host host;
  const auto me = ::getuid();
  const auto mine = ::getgid();
  StateDirectory state =
      host.open({.key = {.owner = me, .group = mine, .mode = 0640}, .directory_mode = 0711});
  host.install(state, 1);
  CHECK(mode_of(host.path() / "current/tls.key") == 0640);
  CHECK(mode_of(host.path() / "current") == 0711);
  CHECK(mode_of(host.path() / "versions") == 0711);
  CHECK(mode_of(host.path()) == 0711);
}

/// Takes the umask back at its end.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

TEST_CASE(
    "services reach their files also where the agent's umask lets nobody in, and keys stay private under "
    "any") {
  for (const mode_t mask : {0077U, 0000U}) {
    const Host host;
    const Umask in_force(mask);
    StateDirectory state = host.open();
    host.install(state, 1);
    state.keep_pending(pending_of(host.asked));
    CHECK(mode_of(host.path()) == 0755);
    CHECK(mode_of(host.path() / "current") == 0755);
    CHECK(mode_of(host.path() / "current/tls.crt") == 0644);
    CHECK(mode_of(host.path() / "current/tls.key") == 0600);
    CHECK(mode_of(host.path() / "pending") == 0700);
    CHECK(mode_of(host.path() / "pending/tls.key") == 0600);
  }
}

TEST_CASE("modes that give a key away, or lock everybody out, are refused") {
  CHECK_FALSE(refusal_of(FileLayout{}));
  CHECK_FALSE(refusal_of(FileLayout{.key = {.mode = 0440}}));
  CHECK_THAT(*refusal_of(FileLayout{.key = {.mode = 0644}}), Contains("everybody can read"));
  CHECK_THAT(*refusal_of(FileLayout{.key = {.mode = 0601}}), Contains("everybody"));
  CHECK_THAT(*refusal_of(FileLayout{.key = {.mode = 0660}}), Contains("group may read"));
  CHECK_THAT(*refusal_of(FileLayout{.key = {.mode = 0040}}), Contains("owner cannot read"));
  CHECK_THAT(*refusal_of(FileLayout{.certificate = {.mode = 0666}}), Contains("others can write"));
  CHECK_THAT(*refusal_of(FileLayout{.directory_mode = 0777}), Contains("others can write"));
  CHECK_THAT(*refusal_of(FileLayout{.directory_mode = 0500}), Contains("must be able to use"));
  CHECK_THAT(*refusal_of(FileLayout{.kept_versions = 1}), Contains("two versions at least"));
  const Host host;
  CHECK_THROWS_WITH(host.open({.key = {.mode = 0644}}),
                    Contains("web-1: a private key that everybody can read"));
}

TEST_CASE("the write test leaves nothing") {
  const Host host;
  StateDirectory state = host.open();
  state.require_writable();
  CHECK(std::distance(fs::directory_iterator(host.path()), {}) == 1);
}

TEST_CASE("a version that is damaged is named") {
  const Host host;
  StateDirectory state = host.open();
  host.install(state, 1);
  test::put(host.path() / "current/meta.json", R"({"serial":"zz"})");
  CHECK_THROWS_WITH(state.current(), Contains("meta.json is damaged") && Contains("/serial"));
  test::put(host.path() / "current/meta.json", std::string(max_meta_bytes + 1, ' '));
  CHECK_THROWS_WITH(state.current(), Contains("too large"));
}

}  // namespace
}  // namespace csrflow::agent
