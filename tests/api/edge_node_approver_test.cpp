#include <set>

#include "api/node_approver.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::api {
namespace {

using namespace std::chrono_literals;

/// Serves every request; one for other usages than a kubelet's never.
struct KubeletIssuer final : engine::Issuer {
  bool serves(const engine::SignerName&) const override { return true; }
  engine::Duration lifetime(const engine::SignerName&, std::optional<std::int32_t>) const override {
    return engine::seconds(3600);
  }
  std::optional<engine::Duration> patience(const engine::SignerName&) const override { return {}; }
  engine::Drafted draft(const engine::CsrSpec& spec, engine::Timestamp, std::span<const std::uint8_t, 16>,
                        const engine::IssueTerms&) const override {
    if (spec.usages.size() < 2) return engine::Unfit{"SignerValidationFailure", "usages did not match"};
    return engine::NotNow{"no key in this test"};
  }
  engine::Drafted draft_own(engine::OwnCertificate, engine::Timestamp,
                            std::span<const std::uint8_t, 16>) const override {
    return engine::NotNow{"no key in this test"};
  }
};

/// Who may create which virtual subresource; can be changed while others ask.
struct Permissions final : Authorizer {
  AccessDecision decide(const engine::Identity& who, const Attributes& asked) const override {
    const std::lock_guard lock(mutex);
    ++questions;
    asked_once.notify_all();
    const bool allowed = asked.verb == "create" && asked.resource == "certificatesigningrequests" &&
                         asked.group == "certificates.k8s.io" &&
                         granted.contains({who.user, asked.subresource});
    return {.access = allowed ? Access::allowed : Access::denied};
  }
  void grant(const std::string& user, const std::string& subresource) {
    const std::lock_guard lock(mutex);
    granted.insert({user, subresource});
  }
  void wait_for_questions(int wanted) const {
    std::unique_lock lock(mutex);
    REQUIRE(asked_once.wait_for(lock, 10s, [&] { return questions >= wanted; }));
  }
  mutable std::mutex mutex;
  mutable std::condition_variable asked_once;
  mutable int questions = 0;
  std::set<std::pair<std::string, std::string>> granted;
};

/// Hears of approvals.
struct Approvals final : engine::Follower {
  void committed(const std::shared_ptr<const engine::Batch>& batch) override {
    const std::lock_guard lock(mutex);
    for (const auto& record : *batch) {
      const auto* event = record.csr_event();
      if (!event || !std::holds_alternative<engine::Approved>(*event)) continue;
      const auto& approved = std::get<engine::Approved>(*event);
      said[record.stamp.stream.name()] = approved.reason + ": " + approved.message;
      by = record.context->actor.user;
    }
    heard.notify_all();
  }
  std::string of(const std::string& name) {
    std::unique_lock lock(mutex);
    return heard.wait_for(lock, 10s, [&] { return said.contains(name); }) ? said[name] : "nothing";
  }
  std::mutex mutex;
  std::condition_variable heard;
  std::map<std::string, std::string> said;
  std::string by;
};

struct Cluster {
  /// `hears`: the approver follows from the first commit; false: all of it happened before its program began.
  explicit Cluster(engine::Follower* further = nullptr, bool hears = true)
      : approver(
            views, log, issuer, pkix, clock,
            [this](engine::Submission approval) { writer->submit(std::move(approval)); },
            [](const std::string& why) { throw std::runtime_error(why); },
            {.first_delay = {1'000}, .longest_delay = {20'000}}),
        writer(std::make_unique<engine::Writer>(
            log, clock, random, issuer, "csrflow test", followers(further, hears), [](const std::string&) {},
            csrflow::test::sha256)) {}
  std::vector<engine::Follower*> followers(engine::Follower* further, bool hears) {
    std::vector<engine::Follower*> all{&views, &approvals};
    if (hears) all.push_back(&approver);
    if (further) all.push_back(further);
    return all;
  }
  ~Cluster() {
    approver.stop();
    writer->stop();
  }
  void request(const std::string& name, const std::string& user, const std::string& common_name,
               std::vector<std::string> usages = {"digital signature", "client auth"},
               const std::string& signer = "kubernetes.io/kube-apiserver-client-kubelet") {
    engine::CsrObject object;
    object.meta.name = name;
    object.meta.uid.text = "uid-" + name;
    object.spec = std::make_shared<engine::CsrSpec>(
        engine::CsrSpec{.request = "-----BEGIN CERTIFICATE REQUEST-----\nCN=" + common_name + "\n",
                        .signer_name = {signer},
                        .expiration_seconds = {},
                        .usages = std::move(usages),
                        .username = user,
                        .uid = {},
                        .groups = {"system:authenticated"},
                        .extra = {}});
    engine::Submission submission;
    submission.stream = engine::csr_stream(name);
    submission.command = engine::CsrCommand(engine::Create{.object = std::move(object), .lifetime = {}});
    submission.context.actor.user = user;
    submission.context.command.hex = std::string(32, 'a');
    REQUIRE(writer->call(std::move(submission)));
  }

  /// Somebody writes a role, so that what was judged before is judged again.
  void change_roles() {
    engine::ConfigObject role;
    role.meta.name = "r";
    role.meta.uid.text = "u";
    role.body = std::make_shared<const std::string>(R"({"rules":[]})");
    engine::Submission submission;
    submission.stream = engine::stream_of("rbac/clusterroles", "r");
    submission.command = engine::Command(engine::ConfigCommand(
        engine::PutConfig{.base = {}, .kind = "ClusterRole", .hash = "x", .object = std::move(role)}));
    REQUIRE(writer->call(std::move(submission)));
  }

  csrflow::test::MemoryLog log;
  csrflow::test::ManualClock clock;
  csrflow::test::SeededRandom random;
  KubeletIssuer issuer;
  test::TextInspector pkix;
  test::MemoryViews views;
  Permissions permissions;
  Approvals approvals;
  NodeApprover approver;
  std::unique_ptr<engine::Writer> writer;
};

constexpr auto for_itself =
    "AutoApproved: Auto approving self kubelet client certificate after SubjectAccessReview.";
constexpr auto for_a_node =
    "AutoApproved: Auto approving kubelet client certificate after SubjectAccessReview.";

TEST_CASE("a kubelet's first certificate and its renewal are approved by the requester's roles") {
  Cluster cluster;
  cluster.permissions.grant("bootstrapper", "nodeclient");
  cluster.permissions.grant("system:node:n1", "selfnodeclient");
  cluster.approver.start(cluster.permissions);
  cluster.request("first", "bootstrapper", "system:node:n1");
  cluster.request("renewal", "system:node:n1", "system:node:n1");
  CHECK(cluster.approvals.of("first") == for_a_node);
  CHECK(cluster.approvals.of("renewal") == for_itself);
  CHECK(cluster.approvals.by == "csrflow:approver");
}

TEST_CASE("what was pending before the start is taken up") {
  Cluster cluster(nullptr, false);
  cluster.permissions.grant("bootstrapper", "nodeclient");
  cluster.request("first", "bootstrapper", "system:node:n1");
  cluster.approver.start(cluster.permissions);
  CHECK(cluster.approvals.of("first") == for_a_node);
}

TEST_CASE("a request that is not permitted waits for its role") {
  Cluster cluster;
  cluster.approver.start(cluster.permissions);
  cluster.request("early", "bootstrapper", "system:node:n1");
  cluster.permissions.wait_for_questions(3);
  cluster.permissions.grant("bootstrapper", "nodeclient");
  CHECK(cluster.approvals.of("early") == for_a_node);
}

TEST_CASE("a node asks for no other node, and what is not a kubelet's is never asked about") {
  Cluster cluster;
  cluster.permissions.grant("system:node:n1", "selfnodeclient");
  cluster.permissions.grant("bootstrapper", "nodeclient");
  cluster.approver.start(cluster.permissions);
  cluster.request("wrong-usages", "bootstrapper", "system:node:n1", {"client auth"});
  cluster.request("serving", "bootstrapper", "system:node:n1", {"digital signature", "server auth"},
                  "kubernetes.io/kubelet-serving");
  cluster.request("other", "system:node:n1", "system:node:n2");
  cluster.permissions.wait_for_questions(2);
  cluster.request("last", "bootstrapper", "system:node:n3");
  CHECK(cluster.approvals.of("last") == for_a_node);
  CHECK(cluster.approvals.said.size() == 1);
}

/// Permits the question when the approver asks, and no longer when the writer does.
struct TakenAway final : Authorizer {
  AccessDecision decide(const engine::Identity&, const Attributes&) const override {
    const std::lock_guard lock(mutex);
    ++questions;
    asked.notify_all();
    return {.access = std::this_thread::get_id() == writers ? Access::denied : Access::allowed};
  }
  mutable std::mutex mutex;
  mutable std::condition_variable asked;
  mutable int questions = 0;
  std::thread::id writers;
};

/// Notes on which thread the writer works.
struct WritersThread final : engine::Follower {
  void committed(const std::shared_ptr<const engine::Batch>&) override { id = std::this_thread::get_id(); }
  std::atomic<std::thread::id> id;
};

TEST_CASE("an approval is judged again by the roles that stand before it in the log") {
  TakenAway authorizer;
  WritersThread writers;
  Cluster cluster(&writers);
  cluster.request("n1", "system:node:n1", "system:node:n1");
  authorizer.writers = writers.id;
  cluster.change_roles();
  cluster.approver.start(authorizer);
  {
    std::unique_lock lock(authorizer.mutex);
    // Asked by the approver, by the writer, and after its refusal by the approver again.
    REQUIRE(authorizer.asked.wait_for(lock, 10s, [&] { return authorizer.questions >= 3; }));
  }
  const std::lock_guard lock(cluster.approvals.mutex);
  CHECK(cluster.approvals.said.empty());
}

}  // namespace
}  // namespace csrflow::api
