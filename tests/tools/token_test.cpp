// `csrflow token` and the ways to log in, against a running server.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tools/descriptor_limit.hpp"
#include "tools/kubeconfig.hpp"

namespace {

namespace fs = std::filesystem;

struct Ended {
  int code = -1;
  std::string text;  // stdout and stderr
  bool says(const std::string& part) const { return text.find(part) != std::string::npos; }
};

Ended run(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  Ended ended;
  std::array<char, 4096> piece{};
  for (std::size_t n; (n = fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    ended.text.append(piece.data(), n);
  const int status = pclose(pipe);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

std::string program() {
  return std::getenv("CSRFLOW_PROGRAM");
}

std::string text_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// A server on a fresh directory, until it goes out of scope.
class Server {
 public:
  explicit Server(std::vector<std::string> options = {}) {
    std::string base = fs::temp_directory_path() / "csrflow-token-XXXXXX";
    root = mkdtemp(base.data());
    std::vector<std::string> all{program(),  "serve",       "--data",      (root / "ca").string(),
                                 "--listen", "127.0.0.1:0", "--log-level", "error"};
    all.insert(all.end(), options.begin(), options.end());
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      std::vector<char*> arguments;
      for (auto& argument : all) arguments.push_back(argument.data());
      arguments.push_back(nullptr);
      execv(arguments.front(), arguments.data());
      _exit(127);
    }
    close(ends[1]);
    FILE* out = fdopen(ends[0], "r");
    std::array<char, 256> line{};
    const bool ready = fgets(line.data(), static_cast<int>(line.size()), out) != nullptr;
    fclose(out);
    REQUIRE(ready);
    const std::string said(line.data());
    REQUIRE(said.starts_with("ready "));
    url = said.substr(6, said.find('\n') - 6);
  }
  ~Server() {
    stop();
    fs::remove_all(root);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Ended token(const std::string& arguments) const {
    return run("timeout 20 '" + program() + "' token " + arguments + " --data " + (root / "ca").string());
  }
  /// As whom the server takes a bearer token; the HTTP status when it does not.
  std::string whoami(const std::string& token) const {
    const auto ended = run("curl -sS -A test --max-time 20 --cacert '" + (root / "ca" / "ca.crt").string() +
                           "' -H 'Content-Type: application/json' -H 'Authorization: Bearer " + token +
                           "' -d '{}' " + url + "/apis/authentication.k8s.io/v1/selfsubjectreviews");
    const std::string mark = "\"username\":\"";
    const auto at = ended.text.find(mark);
    if (at == std::string::npos) return ended.says("Unauthorized") ? "401" : ended.text;
    const auto begin = at + mark.size();
    return ended.text.substr(begin, ended.text.find('"', begin) - begin);
  }
  std::string status_without_credentials(const std::string& path) const {
    return run("curl -sS --max-time 20 -o /dev/null -w '%{http_code}' --cacert '" +
               (root / "ca" / "ca.crt").string() + "' " + url + path)
        .text;
  }
  int stop() {
    if (pid_ <= 0) return -1;
    kill(pid_, SIGTERM);
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  fs::path root;
  std::string url;

 private:
  pid_t pid_ = -1;
};

/// A CA of somebody else, made with openssl, and whom it certifies.
class OtherAuthority {
 public:
  explicit OtherAuthority(const std::string& name) {
    std::string base = fs::temp_directory_path() / "csrflow-other-XXXXXX";
    root_ = mkdtemp(base.data());
    openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=" + name +
            "' -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.crt");
  }
  ~OtherAuthority() { fs::remove_all(root_); }
  OtherAuthority(const OtherAuthority&) = delete;
  OtherAuthority& operator=(const OtherAuthority&) = delete;

  fs::path certificate() const { return root_ / "ca.crt"; }
  /// What `csrflow token list` says to somebody with such a certificate.
  Ended visit(const Server& server, const std::string& user, const std::string& usage, int days) const {
    openssl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=" + user +
            "' -keyout user.key -out user.csr");
    std::ofstream(root_ / "ext") << "extendedKeyUsage=" << usage << '\n';
    openssl("x509 -req -in user.csr -CA ca.crt -CAkey ca.key -extfile ext -days " + std::to_string(days) +
            " -out user.crt");
    std::ofstream(root_ / "kubeconfig")
        << csrflow::tools::kubeconfig(server.url, text_of(server.root / "ca" / "ca.crt"),
                                      text_of(root_ / "user.crt"), text_of(root_ / "user.key"));
    return run("timeout 20 '" + program() + "' token list --kubeconfig " + (root_ / "kubeconfig").string());
  }

 private:
  void openssl(const std::string& arguments) const {
    const auto ended = run("cd '" + root_.string() + "' && openssl " + arguments);
    INFO(ended.text);
    REQUIRE(ended.code == 0);
  }
  fs::path root_;
};

}  // namespace

TEST_CASE("a token is created, used, listed and revoked with the command") {
  Server server;
  const auto made = server.token("create --user ci --group builders --description nightly");
  REQUIRE(made.code == 0);
  const auto token = made.text.substr(made.text.find("csrflow."), 8 + 8 + 1 + 50);
  const auto id = token.substr(8, 8);
  CHECK(made.says("token " + id + " for ci, expires: "));
  CHECK(made.says("it is not shown again"));
  CHECK(server.whoami(token) == "ci");
  CHECK(server.whoami(token + "x") == "401");

  const auto listed = server.token("list");
  CHECK(listed.code == 0);
  for (const std::string& part :
       {id, std::string("ci"), std::string("builders"), std::string("active"), std::string("nightly")})
    CHECK(listed.says(part));
  CHECK_FALSE(listed.says(token.substr(17)));
  CHECK(server.token("list --output json").says("\"name\":\"" + id + '"'));

  CHECK(server.token("revoke " + id).says("token " + id + " revoked"));
  CHECK(server.whoami(token) == "401");
  CHECK(server.token("list").says("revoked"));
  CHECK(server.token("revoke nosuch").code == 3);
  CHECK(server.token("revoke '../x'").code == 3);
}

TEST_CASE("a bootstrap token has Kubernetes' form and lets a machine ask") {
  Server server;
  const auto made = server.token("create --bootstrap --ttl 1h");
  REQUIRE(made.code == 0);
  const auto dot = made.text.find('.');
  const auto token = made.text.substr(dot - 6, 23);
  CHECK(server.whoami(token) == "system:bootstrap:" + token.substr(0, 6));
}

TEST_CASE("a token for a host's agent makes one request, of its names") {
  Server server;
  const auto made = server.token("create --agent web-1 --output json");
  REQUIRE(made.code == 0);
  const std::string mark = "\"token\":\"";
  const auto at = made.text.find(mark) + mark.size();
  const auto token = made.text.substr(at, made.text.find('"', at) - at);
  for (const std::string& part :
       {std::string(R"("user":"csrflow:agent:web-1")"), std::string(R"("groups":["csrflow:agents"])"),
        std::string(R"("names":["web-1","web-1-*"])"), std::string(R"("singleUse":true)"),
        std::string(R"("signers":["kubernetes.io/kube-apiserver-client"])")})
    CHECK(made.says(part));
  CHECK(server.whoami(token) == "csrflow:agent:web-1");
  const auto request = [&](const std::string& name) {
    return run("cd '" + server.root.string() +
               "' && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "
               "'/O=csrflow:agents/CN=csrflow:agent:web-1' -keyout host.key -out host.csr 2>&1 && "
               "printf '{\"metadata\":{\"name\":\"" +
               name +
               "\"},\"spec\":{\"request\":\"%s\",\"usages\":[\"client auth\"],\"signerName\":"
               "\"kubernetes.io/kube-apiserver-client\"}}' \"$(base64 -w0 host.csr)\" >body && "
               "curl -sS --max-time 20 --cacert ca/ca.crt -H 'Content-Type: application/json' -H "
               "'Authorization: Bearer " +
               token + "' -d @body " + server.url +
               "/apis/certificates.k8s.io/v1/certificatesigningrequests");
  };
  CHECK(request("web-2-a").says("is for requests named web-1, web-1-*"));
  CHECK(request("web-1-a").says(R"("username": "csrflow:agent:web-1")"));
  CHECK(request("web-1-b").says("was for a single use, and web-1-a used it"));
  CHECK(server.token("list").says("used"));
  CHECK(server.token("create --agent web-1 --user ci").code == 2);
  CHECK(server.token("create --agent web-1 --ttl 48h").says("a day at most"));
}

TEST_CASE("a wrong wish for a token is one sentence") {
  Server server;
  CHECK(server.token("create").says("say whom the token names"));
  CHECK(server.token("create").code == 2);
  CHECK(server.token("create --user ci --ttl soon").code == 2);
  CHECK(server.token("create --user ci --ttl 100ms").code == 2);
  CHECK(server.token("create --bootstrap --group ops").says("system:bootstrappers"));
  CHECK(server.stop() == 0);
  CHECK(server.token("list").code == 1);
}

TEST_CASE("further CAs let their people in, and nobody else") {
  const OtherAuthority friends("friends"), strangers("strangers");
  Server server({"--client-ca-file", friends.certificate().string()});
  CHECK(friends.visit(server, "bob", "clientAuth", 1).says("User \"bob\" cannot list resource \"tokens\""));
  CHECK(friends.visit(server, "bob", "serverAuth", 1).says("Unauthorized"));
  CHECK(strangers.visit(server, "bob", "clientAuth", 1).says("Unauthorized"));
}

TEST_CASE("without credentials one is anonymous, unless that is turned off") {
  {
    Server server;
    CHECK(server.status_without_credentials("/version") == "200");
    CHECK(server.status_without_credentials("/apis/certificates.k8s.io/v1/certificatesigningrequests") ==
          "403");
  }
  Server server({"--anonymous-auth=false"});
  CHECK(server.status_without_credentials("/version") == "401");
  CHECK(server.status_without_credentials("/healthz") == "401");
}

TEST_CASE("connections fit into the descriptors that the process may have") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const auto room = csrflow::tools::make_room_for_connections(100);
  CHECK(room <= 100);
  CHECK(room > 0);
  rlimit now{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &now) == 0);
  CHECK(now.rlim_cur >= std::min<rlim_t>(before.rlim_max, 356));
  CHECK(now.rlim_max == before.rlim_max);
  // More than there can be: what fits beside the program's own files.
  if (now.rlim_max != RLIM_INFINITY)
    CHECK(csrflow::tools::make_room_for_connections(std::size_t{1} << 40) < now.rlim_max);
}
