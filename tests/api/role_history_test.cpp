// Who could approve at any moment: given roles and bindings that were applied and deleted, then who may.
#include "api/role_history.hpp"

#include "engine/config.hpp"
#include "tests/catch.hpp"
#include "tests/support/memory_log.hpp"

using namespace csrflow;
using namespace csrflow::api;

namespace {

const std::string approver = R"({"metadata":{"name":"approver"},"rules":[{"apiGroups":["certificates.k8s.io"],
    "resources":["signers"],"resourceNames":["example.com/*"],"verbs":["approve"]}]})";
const std::string web_approver = R"({"metadata":{"name":"web-approver","labels":{"aggregate":"yes"}},"rules":[
    {"apiGroups":["certificates.k8s.io"],"resources":["signers"],"resourceNames":["example.com/web"],"verbs":["approve","sign"]}]})";
const std::string all =
    R"({"metadata":{"name":"all"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]})";
const std::string viewer = R"({"metadata":{"name":"viewer"},"rules":[{"apiGroups":["certificates.k8s.io"],
    "resources":["certificatesigningrequests"],"verbs":["get"]}]})";
const std::string aggregated = R"({"metadata":{"name":"aggregated"},
    "aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"aggregate":"yes"}}]},"rules":[
    {"apiGroups":["certificates.k8s.io"],"resources":["signers"],"resourceNames":["example.com/web"],"verbs":["approve","sign"]}]})";

std::string binding(const std::string& name, const std::string& role, const std::string& subject) {
  return R"({"metadata":{"name":")" + name + R"("},"subjects":[)" + subject +
         R"(],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":")" + role +
         R"("}})";
}
std::string user(const std::string& name) {
  return R"({"kind":"User","name":")" + name + R"("})";
}

/// A log of roles and bindings, one event a second.
class Log {
 public:
  void role(const std::string& json) {
    const ClusterRole role = read_cluster_role(json);
    apply(rbac::role_streams, "ClusterRole", role.name, role.labels, body_of(role));
  }
  void bind(const std::string& json) {
    const ClusterRoleBinding bound = read_cluster_role_binding(json);
    apply(rbac::binding_streams, "ClusterRoleBinding", bound.name, {}, body_of(bound));
  }
  void unbind(const std::string& name) {
    append(engine::stream_of(rbac::binding_streams, name),
           engine::ConfigEvent(engine::ConfigDeleted{"ClusterRoleBinding", {name + "-uid"}}));
  }
  RoleHistory history() const { return RoleHistory(*log_.reader()); }
  engine::Timestamp now() const { return now_; }

 private:
  void apply(std::string_view collection, const std::string& kind, const std::string& name,
             const engine::StringMap& labels, engine::ConfigBody body) {
    engine::Applied applied{.kind = kind, .hash = "00", .object = {}};
    applied.object.meta.name = name;
    applied.object.meta.uid = {name + "-uid"};
    applied.object.meta.labels = labels;
    applied.object.body = std::move(body);
    append(engine::stream_of(collection, name), engine::ConfigEvent(std::move(applied)));
  }
  void append(const engine::StreamId& stream, const engine::Event& event) {
    now_ = now_ + engine::seconds(1);
    const engine::NewEvent row{.stream = stream,
                               .version = {++versions_[stream.text]},
                               .type = std::string(engine::type_of(event)),
                               .recorded_at = now_,
                               .context = engine::encode_context({.actor = engine::system_actor("test")}),
                               .data = engine::encode(event)};
    if (!log_.append({position_++}, std::span(&row, 1))) throw std::logic_error("conflict");
  }

  csrflow::test::MemoryLog log_;
  std::uint64_t position_ = 0;
  std::map<std::string, std::uint64_t> versions_;
  engine::Timestamp now_ = engine::from_seconds(1'790'000'000);
};

using Lines = std::vector<std::string>;
Lines lines(const std::vector<Grant>& grants) {
  Lines lines;
  for (const Grant& grant : grants) {
    lines.push_back(grant.kind + ' ' + grant.name + ' ' + grant.signer_name);
    if (!grant.binding.empty()) lines.back() += " by " + grant.binding + " of " + grant.role;
    if (!grant.aggregated_from.empty()) lines.back() += " from " + grant.aggregated_from;
  }
  return lines;
}
const std::string masters = "Group system:masters example.com/web";

}  // namespace

TEST_CASE("who could approve is what the roles and bindings of that moment say") {
  Log log;
  log.role(approver);
  const auto before = log.now();
  log.bind(binding("carols", "approver", user("carol")));
  const auto bound = log.now();
  log.unbind("carols");
  const RoleHistory history = log.history();
  CHECK(lines(who_may(*history.at(before), "approve", "example.com/web")) == Lines{masters});
  CHECK(lines(who_may(*history.at(bound), "approve", "example.com/web")) ==
        Lines{masters, "User carol example.com/* by carols of approver"});
  CHECK(lines(who_may(*history.at(log.now()), "approve", "example.com/web")) == Lines{masters});
  CHECK(history.before({3})->position() == engine::Position{2});
  CHECK(lines(who_may(*history.before({2}), "approve", "example.com/web")) == Lines{masters});
}

TEST_CASE("a role that was changed gave what it said then") {
  Log log;
  log.role(approver);
  log.bind(binding("carols", "approver", user("carol")));
  const auto then = log.now();
  log.role(R"({"metadata":{"name":"approver"},"rules":[]})");
  const RoleHistory history = log.history();
  CHECK(who_may(*history.at(then), "approve", "example.com/web").size() == 2);
  CHECK(who_may(*history.at(log.now()), "approve", "example.com/web").size() == 1);
}

TEST_CASE("users, groups and service accounts, by name, wildcard and verb") {
  Log log;
  for (const auto& role : {approver, web_approver, all, viewer}) log.role(role);
  log.bind(binding("a", "all", R"({"kind":"Group","name":"admins"})"));
  log.bind(binding("b", "web-approver", R"({"kind":"ServiceAccount","name":"bot","namespace":"ops"},
      {"kind":"ServiceAccount","name":"nowhere"})"));
  log.bind(binding("c", "approver", user("carol")));
  log.bind(binding("d", "viewer", user("dave")));
  log.bind(binding("e", "missing", user("eve")));
  const auto policy = log.history().at(log.now());
  CHECK(lines(who_may(*policy, "approve", "example.com/web")) ==
        Lines{"Group admins example.com/web by a of all", masters,
              "ServiceAccount ops/bot example.com/web by b of web-approver",
              "User carol example.com/* by c of approver"});
  CHECK(lines(who_may(*policy, "sign", "example.com/web")) ==
        Lines{"Group admins example.com/web by a of all", masters,
              "ServiceAccount ops/bot example.com/web by b of web-approver"});
  CHECK(lines(who_may(*policy, "break-glass", "example.org/web")) ==
        Lines{"Group admins example.org/web by a of all", "Group system:masters example.org/web"});
}

TEST_CASE("an aggregated role names the role that it has it from") {
  Log log;
  log.role(web_approver);
  log.role(aggregated);
  log.bind(binding("b", "aggregated", user("carol")));
  CHECK(lines(who_may(*log.history().at(log.now()), "approve", "example.com/web")) ==
        Lines{masters, "User carol example.com/web by b of aggregated from web-approver"});
}

TEST_CASE("whether one person may, is the same question") {
  Log log;
  log.role(approver);
  log.bind(binding("c", "approver", user("carol")));
  const auto policy = log.history().at(log.now());
  const auto person = [](const std::string& name, const std::string& group) {
    engine::Identity who;
    who.user = name;
    who.groups = {group};
    return who;
  };
  CHECK(may(*policy, person("carol", "x"), "approve", "example.com/web"));
  CHECK_FALSE(may(*policy, person("carol", "x"), "sign", "example.com/web"));
  CHECK_FALSE(may(*policy, person("dave", "x"), "approve", "example.com/web"));
  CHECK(may(*policy, person("dave", "system:masters"), "approve", "example.com/web"));
}
