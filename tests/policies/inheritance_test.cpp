// When a predecessor's approval may count for its successor.
#include "tests/policies/past_office.hpp"

using namespace csrflow;
using namespace csrflow::policies;
using namespace csrflow::policies::test;

namespace {

std::string approving(const std::string& lifetime) {
  return "apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\nmetadata: { name: web }\n"
         "spec: { match: { signerNames: [kubernetes.io/web] }, require: { lifetime: { max: " +
         lifetime + " } }, outcome: approve }";
}

}  // namespace

TEST_CASE("a policy's approval is inherited while the policy is the same") {
  PastOffice office;
  office.apply(approving("1h"));
  office.ask("web-1");
  const auto why_not = [&] { return office.approver().why_not_inherited(office.state("web-1")); };
  CHECK(why_not().empty());
  office.apply(approving("2h"));
  CHECK(why_not() == "policy web has changed since it approved");
  office.apply(approving("1h"));
  CHECK(why_not().empty());
  office.remove("ApprovalPolicy", "web");
  CHECK(why_not() == "policy web has changed since it approved");
}

TEST_CASE("a person's approval is inherited, nobody's is not") {
  PastOffice office;
  office.ask("web-1");
  CHECK(office.approver().why_not_inherited(office.state("web-1")) == "nobody is known who approved it");
  office.speaks("carol", "web-1", engine::condition::approved);
  CHECK(office.approver().why_not_inherited(office.state("web-1")).empty());
}
