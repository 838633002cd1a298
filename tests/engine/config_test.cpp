#include "engine/config.hpp"

#include "engine/object_json.hpp"
#include "engine/streams.hpp"
#include "tests/catch.hpp"
#include "tests/engine/story.hpp"

using namespace csrflow::engine;

namespace {

/// One role's stream, and what is done to it.
struct Role {
  const StreamId stream = stream_of("rbac/clusterroles", "view");
  std::shared_ptr<const State> state = std::make_shared<const State>(initial_state(stream));
  Position head;
  Timestamp now = from_seconds(1'772'442'000);
  csrflow::test::PaperIssuer issuer;
  std::vector<Record> last;

  const ConfigState& config() const { return std::get<ConfigState>(*state); }
  const ConfigObject& object() const { return *config().object; }

  /// What was refused; nothing when it was done.
  std::optional<Refusal> command(const ConfigCommand& command) {
    const Facts facts{.now = now, .actor = {.user = "admin"}, .issuer = issuer, .name_taken = nullptr};
    auto decision = decide(stream, *state, Command(command), facts);
    last.clear();
    if (!decision) return decision.error();
    for (Event& event : decision->events) {
      ++head.value;
      Stamp stamp{head, stream, {version_of(*state).value + 1}, now, {}};
      last.push_back(make_record(std::move(stamp), nullptr, std::move(event), state));
      state = last.back().after;
    }
    return std::nullopt;
  }
  std::optional<Refusal> create(std::string body = R"({"rules":[]})") {
    ConfigObject object{{.name = "view", .uid = {"u-1"}},
                        std::make_shared<const std::string>(std::move(body))};
    return command(PutConfig{{}, "ClusterRole", "h1", std::move(object)});
  }
  std::optional<Refusal> replace(const std::function<void(ConfigObject&)>& edit) {
    ConfigObject object = this->object();
    edit(object);
    return command(PutConfig{config().resource_version, "ClusterRole", "h2", std::move(object)});
  }
};

void no_rules(ConfigObject& object) {
  object.body = std::make_shared<const std::string>("{}");
}

}  // namespace

TEST_CASE("a role is created, replaced and deleted, each an event that clients see") {
  Role role;
  REQUIRE_FALSE(role.create());
  CHECK(role.object().meta.creation == role.now);
  CHECK(role.config().resource_version == Position{1});
  REQUIRE(role.last.size() == 1);
  CHECK(
      *role.last[0].tail ==
      R"("metadata":{"name":"view","uid":"u-1","resourceVersion":"1","creationTimestamp":"2026-03-02T09:00:00Z"},"rules":[]})");

  REQUIRE_FALSE(role.replace(no_rules));
  CHECK(role.config().hash == "h2");
  CHECK(
      *role.last[0].tail ==
      R"("metadata":{"name":"view","uid":"u-1","resourceVersion":"2","creationTimestamp":"2026-03-02T09:00:00Z"}})");

  REQUIRE_FALSE(role.command(Delete{}));
  CHECK_FALSE(role.config().object);
  // Its last state, under the version of its deletion.
  CHECK(role.last[0].tail->find(R"("resourceVersion":"3")") != std::string::npos);
  CHECK(role.command(Delete{})->kind == Refusal::Kind::not_found);

  REQUIRE_FALSE(role.create());
  CHECK(version_of(*role.state) == Version{4});
}

TEST_CASE("a name is taken while its object lives") {
  Role role;
  REQUIRE_FALSE(role.create());
  CHECK(role.create()->kind == Refusal::Kind::already_exists);
  CHECK_FALSE(role.create()->terminating);
  REQUIRE_FALSE(role.replace([](ConfigObject& o) { o.meta.finalizers = {"a.io/b"}; }));
  REQUIRE_FALSE(role.command(Delete{}));
  CHECK(role.create()->terminating);
}

TEST_CASE("a role is replaced only as it was read, and not for nothing") {
  Role role;
  REQUIRE_FALSE(role.create());
  const ConfigObject read = role.object();
  REQUIRE_FALSE(role.replace(no_rules));
  CHECK(role.command(PutConfig{Position{1}, "ClusterRole", "h1", read})->kind == Refusal::Kind::conflict);
  REQUIRE_FALSE(role.replace(no_rules));
  CHECK(role.last.empty());
}

TEST_CASE("name, uid and creation stay, whoever asks") {
  Role role;
  REQUIRE_FALSE(role.create());
  const ObjectMeta before = role.object().meta;
  REQUIRE_FALSE(role.replace([](ConfigObject& o) {
    o.meta.name = "edit";
    o.meta.uid = {"u-2"};
    o.meta.creation = {};
    o.meta.labels["a"] = "b";
  }));
  CHECK(role.object().meta.name == before.name);
  CHECK(role.object().meta.uid == before.uid);
  CHECK(role.object().meta.creation == before.creation);
  CHECK(role.object().meta.labels.at("a") == "b");
}

TEST_CASE("a deletion waits for the finalizers, and ends with the last one") {
  Role role;
  REQUIRE_FALSE(role.create());
  REQUIRE_FALSE(role.replace([](ConfigObject& o) { o.meta.finalizers = {"a.io/b"}; }));
  REQUIRE_FALSE(role.command(Delete{}));
  CHECK(role.object().meta.deletion == role.now);
  REQUIRE_FALSE(role.command(Delete{}));
  CHECK(role.last.empty());
  REQUIRE_FALSE(role.replace([](ConfigObject& o) { o.meta.finalizers.clear(); }));
  CHECK_FALSE(role.config().object);
  CHECK(type_of(*role.last[0].event) == "deleted");
}

TEST_CASE("foreground and orphan deletion are marked first and then done, since nothing depends on a role") {
  for (const Propagation how : {Propagation::foreground, Propagation::orphan}) {
    Role role;
    REQUIRE_FALSE(role.create());
    REQUIRE_FALSE(role.command(Delete{.propagation = how}));
    REQUIRE(role.last.size() == 2);
    CHECK(
        role.last[0].tail->find(how == Propagation::orphan ? R"(["orphan"])" : R"(["foregroundDeletion"])") !=
        std::string::npos);
    CHECK_FALSE(role.config().object);
  }
}

TEST_CASE("how a role is deleted decides anew which finalizer of the garbage collector it has") {
  Role role;
  REQUIRE_FALSE(role.create());
  REQUIRE_FALSE(role.replace([](ConfigObject& o) { o.meta.finalizers = {"orphan", "a.io/b"}; }));
  REQUIRE_FALSE(role.command(Delete{.propagation = Propagation::foreground}));
  REQUIRE(role.last.size() == 2);
  CHECK(role.last[0].tail->find(R"(["a.io/b","foregroundDeletion"])") != std::string::npos);
  CHECK(role.object().meta.finalizers == std::vector<std::string>{"a.io/b"});
  Role other;
  REQUIRE_FALSE(other.create());
  REQUIRE_FALSE(other.replace([](ConfigObject& o) { o.meta.finalizers = {"orphan"}; }));
  REQUIRE_FALSE(other.command(Delete{}));
  CHECK(other.last.size() == 1);
  CHECK_FALSE(other.config().object);
}

TEST_CASE("a deletion's preconditions hold for roles") {
  Role role;
  REQUIRE_FALSE(role.create());
  auto other = role.command(Delete{.uid = Uid{"u-2"}});
  CHECK(other->kind == Refusal::Kind::uid_mismatch);
  CHECK(other->found == "u-1");
  auto older = role.command(Delete{.resource_version = Position{7}});
  CHECK(older->kind == Refusal::Kind::version_mismatch);
  CHECK(older->found == "1");
  CHECK_FALSE(role.command(Delete{.uid = Uid{"u-1"}, .resource_version = Position{1}}));
}
