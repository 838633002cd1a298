// Who may write approval policies and signers, and how many.
#include "api/own_admission.hpp"

#include "api/own_kinds.hpp"
#include "policies/policy.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

/// carol may approve for example.com/web.
struct WebOnly : Authorizer {
  AccessDecision decide(const engine::Identity& who, const Attributes& asked) const override {
    const bool allowed = who.user == "carol" && asked.verb == "approve" && asked.name == "example.com/web";
    return {.access = allowed ? Access::allowed : Access::denied, .reason = {}};
  }
};

engine::ConfigObject policy(const std::string& spec) {
  engine::ConfigObject object;
  object.meta.name = "web";
  object.body = std::make_shared<const std::string>(R"({"spec":)" + spec + "}");
  return object;
}

bool may(const std::string& user, const std::string& spec, std::size_t there = 0, bool stored = false) {
  const WebOnly authorizer;
  const OwnKindsAdmission admission(authorizer, [there] { return there; });
  engine::Identity who;
  who.user = user;
  const auto wanted = policy(spec), before = policy(R"({"outcome":"deny"})");
  return admission.admit(who, approval_policies(), wanted, stored ? &before : nullptr).has_value();
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

}  // namespace csrflow::api
