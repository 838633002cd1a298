#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/tools/made_directory.hpp"

using namespace csrflow::tools::test;
using nlohmann::json;

namespace {

/// A file that goes with its test.
class File {
 public:
  explicit File(const std::string& text) {
    std::string name = fs::temp_directory_path() / "csrflow-policy-XXXXXX";
    const int descriptor = mkstemp(name.data());
    REQUIRE(descriptor >= 0);
    close(descriptor);
    path_ = name;
    overwrite(path_, text);
  }
  ~File() { fs::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

const std::string web1 =
    "timers due --stream csr/web-1 --serial 7f0102030405060708090a0b0c0d0e0f10"
    " --not-before 2026-01-01T00:00:00Z --not-after 2026-02-16T23:59:59Z ";

json due(const std::string& arguments) {
  const Ended ended = run(arguments + " --output json");
  INFO(ended.text);
  REQUIRE(ended.code == 0);
  return json::parse(ended.text);
}
std::string policy(const std::string& spec) {
  return "{apiVersion: csrflow.io/v1, kind: RotationPolicy, metadata: {name: web}, spec: " + spec + "}\n";
}

}  // namespace

TEST_CASE("timers due says window and instant as the vectors have them") {
  std::ifstream file(SOURCE_ROOT "/tests/engine/vectors/rotation.json");
  const json cases = json::parse(file).at("jitter");
  for (std::size_t i = 0; i < cases.size(); i += 5) {
    const json& c = cases[i];
    const auto text = [&](const char* name) { return "'" + c.at(name).get<std::string>() + "' "; };
    const json said = due("timers due --stream " + text("stream") + "--serial " + text("serial") +
                          "--not-before " + text("notBefore") + "--not-after " + text("notAfter"));
    for (const char* name : {"stream", "serial", "h", "windowStart", "windowEnd", "due"}) {
      INFO(name);
      CHECK(said.at(name) == c.at(name));
    }
    CHECK(said.at("how") == "in window");
  }
}

TEST_CASE("timers due for people, and with OpenSSL's way to write a serial") {
  const Ended words = run(web1);
  CHECK(words.code == 0);
  CHECK(says(words, "2026-01-30T14:12:12.653706Z   in window"));
  CHECK(due("timers due --stream csr/web-1 --serial 7F:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10"
            " --not-before 2026-01-01T00:00:00Z --not-after 2026-02-16T23:59:59Z") == due(web1));
}

TEST_CASE("timers due counts from the signing where notBefore lies before it") {
  const json backdated =
      due("timers due --stream csr/job --serial 01 --not-before 2026-03-01T11:55:00Z"
          " --issued-at 2026-03-01T12:00:00.9Z --not-after 2026-03-01T12:00:59Z");
  CHECK(backdated.at("windowStart") == "2026-03-01T12:00:36Z");
  CHECK(backdated.at("due") == "2026-03-01T12:00:44.962677Z");
}

TEST_CASE("timers due follows a policy") {
  const File before(policy("{ mode: renew, when: { beforeExpiry: { from: 10d, to: 5d } } }"));
  const json said = due(web1 + "--policy " + before.path());
  CHECK(said.at("windowStart") == "2026-02-07T00:00:00Z");
  CHECK(said.at("windowEnd") == "2026-02-12T00:00:00Z");
  CHECK(said.at("policy") == "web");
  CHECK(said.at("mode") == "renew");

  const File blackout(
      policy("{ blackouts: [ { start: '2026-01-29T00:00:00Z', end: '2026-02-06T00:00:00Z' } ] }"));
  CHECK(due(web1 + "--policy " + blackout.path()).at("how") == "early");
  CHECK(due(web1 + "--canary").at("windowStart") == "2026-01-26T20:24:00Z");
  CHECK(due(web1 + "--bulk").at("windowStart") == "2026-01-15T02:24:00Z");
  CHECK(due(web1 + "--known-since 2026-02-10T00:00:00Z").at("windowEnd") == "2026-02-10T00:10:00Z");
}

TEST_CASE("timers due says what is wrong") {
  const File wrong(policy("{ mode: rekeyed, whenever: 1 }"));
  const Ended ended = run(web1 + "--policy " + wrong.path());
  CHECK(ended.code == 1);
  CHECK(says(ended, "spec.mode: E14 must be one of renew, rekey, announce, none"));
  CHECK(says(ended, "the nearest known one is when"));
  CHECK(run(web1 + "--policy /nowhere").code == 3);
  CHECK(run("timers due --stream csr/a").code == 2);
  const std::string rest = " --not-before 2026-01-01T00:00:00Z --not-after ";
  CHECK(says(run("timers due --stream csr/a --serial 0x1" + rest + "2026-02-01T00:00:00Z"), "--serial"));
  CHECK(says(run("timers due --stream csr/a --serial 01" + rest + "tomorrow"), "--not-after"));
  const Ended backwards = run("timers due --stream csr/a --serial 01" + rest + "2025-02-01T00:00:00Z");
  CHECK(backwards.code == 2);
  CHECK(says(backwards, "ends before it begins"));
}

TEST_CASE("timers lists what a directory has, with no server running") {
  const Made made;
  const Ended all = run("timers --data " + made.data().string());
  CHECK(all.code == 0);
  CHECK(says(all, "own/server"));
  CHECK(says(all, "expire"));
  const Ended first = run("timers --output json --limit 1 --data " + made.data().string() + " 2>/dev/null");
  const json timer = json::parse(first.text);
  CHECK(timer.at("kind") == "rotate");
  CHECK(timer.at("attempt") == 1);
  CHECK(run("timers --data /nowhere").code == 3);
  CHECK(run("timers").code == 2);
}

/// A server that ends as soon as it is ready.
void serve_once(const std::string& arguments) {
  const std::string serve =
      "exec timeout 20 \"$CSRFLOW_PROGRAM\" serve --listen 127.0.0.1:0 --log-level error " + arguments;
  const std::string command = "sh -c 'echo $$; " + serve + "' | { read pid; read ready; kill $pid; cat; }";
  REQUIRE(std::system(command.c_str()) == 0);
}

TEST_CASE("replay finds the CA's timers equal, whatever lifetimes the server was told to give") {
  const Made made;
  const std::string data = " --data " + made.data().string();
  const auto preparation = [&] {
    std::istringstream lines(run("timers --output json" + data + " 2>/dev/null").text);
    for (std::string line; std::getline(lines, line);)
      if (const json timer = json::parse(line); timer["kind"] == "ca-prepare")
        return timer["due"].get<std::string>();
    return std::string("none");
  };
  const std::string before = preparation();
  CHECK(run("replay" + data).code == 0);
  serve_once("--signing-duration kubernetes.io/kube-apiserver-client=48h" + data);
  CHECK(preparation() == before);  // of the other signers
  CHECK(run("replay" + data).code == 0);
  serve_once("--signing-duration kubernetes.io/kube-apiserver-client=17520h" + data);
  CHECK(preparation() < before);
  CHECK(run("replay" + data).code == 0);
}
