// Who may write the documents of csrflow's own group, and how many.
#include "api/own_admission.hpp"

#include "api/own_kinds.hpp"
#include "policies/notification_sink.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

/// carol may approve for example.com/web, root may escalate.
struct WebOnly : Authorizer {
  AccessDecision decide(const engine::Identity& who, const Attributes& asked) const override {
    const bool allowed =
        (who.user == "carol" && asked.verb == "approve" && asked.name == "example.com/web") ||
        (who.user == "root" && asked.verb == "escalate" && asked.group == own_group);
    return {.access = allowed ? Access::allowed : Access::denied, .reason = {}};
  }
};

engine::ConfigObject document(const std::string& spec) {
  engine::ConfigObject object;
  object.meta.name = "web";
  object.body = std::make_shared<const std::string>(R"({"spec":)" + spec + "}");
  return object;
}

/// Empty: they may.
std::string refusal(const std::string& user, const Resource& resource, const std::string& spec,
                    std::size_t there = 0, bool stored = false) {
  const WebOnly authorizer;
  const auto count = [&](const Resource& counted) {
    return [is = &counted == &resource, there] { return is ? there : 0; };
  };
  const OwnKindsAdmission admission(authorizer, {.approval_policies = count(approval_policies()),
                                                 .rotation_policies = count(rotation_policies()),
                                                 .notification_sinks = count(notification_sinks())});
  engine::Identity who;
  who.user = user;
  const auto wanted = document(spec), before = document(R"({"outcome":"deny"})");
  const auto admitted = admission.admit(who, resource, wanted, stored ? &before : nullptr);
  return admitted ? std::string() : admitted.error().message;
}
bool may(const std::string& user, const std::string& spec, std::size_t there = 0, bool stored = false) {
  return refusal(user, approval_policies(), spec, there, stored).empty();
}

const std::string approves_web = R"({"match":{"signerNames":["example.com/web"]},"outcome":"approve"})";

}  // namespace

TEST_CASE("an approving policy is written by who may approve on all its signers") {
  CHECK(may("carol", approves_web));
  CHECK_FALSE(may("dave", approves_web));
  CHECK_FALSE(may("dave", approves_web, 1, true));
  CHECK_FALSE(may("carol", R"({"outcome":"approve"})"));
  CHECK_FALSE(may("carol", R"({"match":{"signerNames":["example.com/web","*"]},"outcome":"approve"})"));
  CHECK(may("dave", R"({"outcome":"deny"})"));
}

TEST_CASE("there are at most a thousand policies, and those can be changed") {
  CHECK(may("carol", approves_web, policies::max_policies - 1));
  CHECK_FALSE(may("carol", approves_web, policies::max_policies));
  CHECK(may("carol", approves_web, policies::max_policies, true));
}

TEST_CASE("a rotation policy by which successors inherit approvals is written by who may approve") {
  const auto rotates = [](const std::string& user, const std::string& spec) {
    return refusal(user, rotation_policies(), spec).empty();
  };
  const std::string inherits =
      R"({"match":{"signerNames":["example.com/web"]},"mode":"renew","approval":"inherit"})";
  CHECK(rotates("carol", inherits));
  CHECK(rotates("root", inherits));
  CHECK_FALSE(rotates("dave", inherits));
  CHECK_FALSE(rotates("carol", R"({"approval":"inherit"})"));
  CHECK(rotates("dave", R"({"mode":"renew"})"));
  CHECK(rotates("dave", R"({"mode":"renew","approval":"people"})"));
  CHECK_THAT(refusal("dave", rotation_policies(), inherits),
             Catch::Contains("needs approve on its signers, or escalate on rotationpolicies"));
}

TEST_CASE("a sink that acts on the server's host is written by who may escalate") {
  const auto sinks = [](const std::string& user, const std::string& spec) {
    return refusal(user, notification_sinks(), spec).empty();
  };
  const std::string program = R"({"command":{"argv":["/usr/local/bin/tell"]}})";
  CHECK(sinks("root", program));
  CHECK_FALSE(sinks("carol", program));
  CHECK_FALSE(sinks("carol", R"({"webhook":{"url":"https://example.com/","secretFile":"/etc/shadow"}})"));
  CHECK(sinks("carol", R"({"webhook":{"url":"https://example.com/"}})"));
}

TEST_CASE("there are at most a thousand rotation policies and a thousand sinks") {
  CHECK(refusal("carol", rotation_policies(), "{}", policies::max_policies - 1).empty());
  CHECK_THAT(refusal("carol", rotation_policies(), "{}", policies::max_policies),
             Catch::Contains("there are 1000 rotation policies already"));
  CHECK(refusal("carol", rotation_policies(), "{}", policies::max_policies, true).empty());
  const std::string hook = R"({"webhook":{"url":"https://example.com/"}})";
  CHECK_THAT(refusal("carol", notification_sinks(), hook, policies::max_sinks),
             Catch::Contains("there are 1000 notification sinks already"));
}

}  // namespace csrflow::api
