// The commands that ask the past, over a log that was not made by a server.
#include <fstream>

#include "tests/store/views_fixture.hpp"
#include "tests/tools/program.hpp"

namespace csrflow::tools {
namespace {

using namespace store::test;
using namespace tools::test;

engine::Approved by_break_glass(const std::string& name, const std::string& user,
                                const std::string& overridden) {
  auto event = approved(name);
  event.reason = "BreakGlass";
  event.message = "the shop is down";
  event.break_glass = engine::BreakGlass{user, "the shop is down", overridden};
  return event;
}

/// What a server leaves behind.
struct Left : Installation {
  Left() { start(); }
  /// Ends the server, so that the views are closed; then runs a command on the directory.
  Ended ask(const std::string& arguments) {
    stop();
    return tools::test::run(arguments + " --data " + temporary.path().string());
  }
};

TEST_CASE("approvals by break-glass are listed with who, why, what was overridden, and who confirmed") {
  Left left;
  left.commit({on("pay", created("pay")), on("web", created("web")), on("mail", created("mail"))});
  left.commit(
      {on("pay", by_break_glass("pay", "carol", "waits for 2 of group pki-team (policy payments 3f9a12cd)")),
       on("web", by_break_glass("web", "dave", "")), on("mail", approved("mail"))});
  left.commit({on("pay", engine::ReviewedAfterwards{uid_of("pay"), "erin", {"security"}, "seen"})});

  const Ended table = left.ask("log --break-glass");
  CHECK(table.code == 0);
  CHECK(says(table, "carol"));
  CHECK(says(table, "the shop is down"));
  CHECK(says(table, "waits for 2 of group pki-team (policy payments 3f9a12cd)"));
  CHECK(says(table, "by erin at "));
  CHECK(says(table, "nothing: no policy matched"));
  CHECK(says(table, "not confirmed"));
  CHECK_FALSE(says(table, "mail"));

  const Ended json = left.ask("log --break-glass -o json --limit 1");
  CHECK(says(json, R"("user":"carol","reason":"the shop is down")"));
  CHECK(says(json, R"("confirmed":true,"confirmedBy":"erin")"));
  CHECK_FALSE(says(json, "dave"));
  CHECK(says(left.ask("log --break-glass --after 4 -o json"), R"("user":"dave")"));
}

TEST_CASE("a replay says which decisions would differ, and changes nothing") {
  Left left;
  left.commit({on("web", created("web")), on("web", approved("web"))});
  left.commit({on("mail", created("mail"))});
  const auto file = left.temporary.path() / "policy.yaml";
  std::ofstream(file) << R"(apiVersion: csrflow.io/v1
kind: ApprovalPolicy
metadata: { name: no-long-ones }
spec:
  match: { signerNames: [example.com/web] }
  require: { lifetime: { max: 47d } }
  outcome: next
  otherwise: deny
)";
  const Ended table = left.ask("policy replay --policy " + file.string());
  CAPTURE(table.text);
  CHECK(table.code == 0);
  CHECK(says(table, "pending, now deny: 1"));
  CHECK(says(table, "lifetime 90d is longer than 47d"));
  CHECK(says(table, "2 of 2 requests differ"));

  const Ended json = left.ask("policy replay -o json --policy " + file.string());
  CHECK(says(json, R"({"kind":"cell","recorded":"pending","replayed":"deny","count":1,"agrees":false})"));
  CHECK(says(json, R"("kind":"summary","requests":2,"differing":2,)"));
  CHECK(says(left.ask("policy replay -o json --signer example.com/mail"), R"("requests":0)"));
  CHECK(left.ask("policy replay --since yesterday").code == 2);

  const auto signer = left.temporary.path() / "signer.yaml";
  std::ofstream(signer) << R"(apiVersion: csrflow.io/v1
kind: Signer
metadata: { name: "example.com:web" }
spec: { usages: { permitted: [client auth] }, lifetime: { default: 30d, max: 40d } }
)";
  CHECK(says(left.ask("policy replay -o json --policy " + file.string() + " --signers " + signer.string()),
             R"("differing":0,)"));
  CHECK(says(left.ask("policy replay --signers " + file.string()), "policy.yaml: "));
}

TEST_CASE("a decision that the policies of the time do not reproduce is an error, not a finding") {
  Left left;
  auto decided = approved("web");
  decided.reason = "PolicyApproved";
  decided.judged.deciding = {"web-servers", "c0ffee", ""};
  left.commit({on("web", created("web")), on("web", decided)});
  const Ended ended = left.ask("policy replay");
  CHECK(ended.code == 3);
  CHECK(says(ended, "1 came out DIFFERENTLY"));
}

TEST_CASE("who could do something is answered from the log alone") {
  Left left;
  left.commit({on("web", created("web"))});
  const Ended table = left.ask("who-could approve example.com/web --at 2026-03-03");
  CHECK(table.code == 0);
  CHECK(says(table, "system:masters"));
  CHECK(says(table, "needs no binding"));
  CHECK(left.ask("who-could approve example.com/web --at then").code == 2);
  CHECK(says(
      left.ask("who-could approve example.com/web -o json"),
      R"({"kind":"Group","name":"system:masters","verb":"approve","signerName":"example.com/web","at":")"));
}

}  // namespace
}  // namespace csrflow::tools
