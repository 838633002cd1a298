// Commands as programs of this machine.
#include "notify/local_command.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/notify/news.hpp"

using namespace csrflow;
using namespace csrflow::notify;
using namespace csrflow::notify::test;

namespace {

auto run(std::vector<std::string> argv, engine::Duration limit = engine::seconds(20),
         const std::stop_token& stop = {}, const engine::Notification& notification = news()) {
  return run_command({std::move(argv), limit}, notification, stop, engine::seconds(20));
}
auto shell(const std::string& script, engine::Duration limit = engine::seconds(20)) {
  return run({"/bin/sh", "-c", script}, limit);
}
std::string why_not(const std::expected<void, engine::DeliveryFailure>& outcome) {
  REQUIRE_FALSE(outcome);
  CHECK_FALSE(outcome.error().lasting);
  return outcome.error().message;
}

}  // namespace

TEST_CASE("a command gets the notification as JSON, and its id and event in the environment") {
  const Folder folder;
  const std::string file = folder / "got";
  REQUIRE(run({"/bin/sh", "-c", "{ env; cat; } > \"$0\"", file}));
  const std::string got = contents(file);
  CHECK(got.find("CSRFLOW_NOTIFICATION=ops/4711\n") != std::string::npos);
  CHECK(got.find("CSRFLOW_EVENT=rotation-failed\n") != std::string::npos);
  const auto json = nlohmann::json::parse(got.substr(got.find("{\"")));
  CHECK(json.at("object") == "web-1");
  CHECK(got.ends_with("}\n"));
}

TEST_CASE("a command sees nothing of csrflow's environment but what every program needs") {
  ::setenv("CSRFLOW_TEST_SECRET", "1", 1);
  CHECK(shell("test -z \"$CSRFLOW_TEST_SECRET\" && test -n \"$PATH\""));
  ::unsetenv("CSRFLOW_TEST_SECRET");
}

TEST_CASE("a command's arguments are not read by a shell") {
  const Folder folder;
  CHECK(run({"touch", folder / "a;touch b $(c)"}));
  CHECK(std::filesystem::exists(folder / "a;touch b $(c)"));
}

TEST_CASE("a command that fails is run again, and says why in its first line") {
  CHECK(why_not(shell("echo no such room >&2; echo more; exit 3")) ==
        "/bin/sh ended with exit code 3: no such room");
  CHECK(why_not(shell("exit 1")) == "/bin/sh ended with exit code 1");
  CHECK(why_not(shell("exit 75")) == "/bin/sh asks to be tried again (exit code 75)");
  CHECK(why_not(shell("kill -KILL $$")) == "/bin/sh was ended by signal 9");
  CHECK(why_not(run({"/nowhere/notify"})) == "/nowhere/notify cannot be started: No such file or directory");
  CHECK(why_not(run({})) == "the sink's command is empty");
}

TEST_CASE("a command's word is one line without control characters") {
  CHECK(why_not(shell("printf 'a\\033[31mb\\377\\n'; exit 1")) ==
        "/bin/sh ended with exit code 1: a [31mb\xef\xbf\xbd");
}

TEST_CASE("a command may leave its input unread and its output endless") {
  auto notification = news();
  notification.text = std::string(200'000, 'x');
  CHECK(run({"true"}, engine::seconds(20), {}, notification));
  CHECK(shell("head -c 300000 /dev/zero"));
}

TEST_CASE("a command that takes too long is ended with all that it started") {
  const Folder folder;
  const std::string file = folder / "pid";
  const auto outcome = run({"/bin/sh", "-c", "sleep 600 & echo $! > \"$0\"; wait", file}, {300'000});
  CHECK(why_not(outcome) == "/bin/sh took longer than 0 s and was ended");
}

TEST_CASE("a command that does not heed TERM is killed") {
  const auto outcome =
      run_command({{"/bin/sh", "-c", "trap '' TERM; while :; do :; done"}, {300'000}}, news(), {}, {100'000});
  CHECK(why_not(outcome) == "/bin/sh took longer than 0 s and was ended");
}

TEST_CASE("a command under way ends when csrflow stops") {
  std::stop_source stop;
  stop.request_stop();
  CHECK(why_not(run({"sleep", "600"}, engine::seconds(600), stop.get_token())) ==
        "sleep was ended since csrflow stops");
}
