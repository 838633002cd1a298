// The agent's configuration: what it means, and everything that is wrong with it at once.
#include "agent/configuration.hpp"

#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

const HostDefaults host{.host = "web-1", .folder = "/etc/csrflow-agent", .credentials = {}};

const std::string head = R"(server:
  url: https://ca.example.com:6443
  caFile: ca.crt
identity: host
certificates:
  - name: host
    signerName: example.com/hosts
    usages: [digital signature, client auth]
    subject: { commonName: "host:web-1", organization: [hosts] }
)";

Configuration right(const std::string& yaml, const HostDefaults& defaults = host) {
  const auto read = read_configuration(yaml, defaults);
  if (!read)
    for (const auto& problem : read.error()) FAIL_CHECK(sentence(problem));
  REQUIRE(read);
  return *read;
}

std::vector<std::string> wrong(const std::string& yaml) {
  const auto read = read_configuration(yaml, host);
  REQUIRE_FALSE(read);
  std::vector<std::string> sentences;
  for (const auto& problem : read.error()) sentences.push_back(sentence(problem));
  return sentences;
}

/// The problem that begins so; empty: there is none.
std::string told(const std::vector<std::string>& sentences, const std::string& beginning) {
  for (const auto& one : sentences)
    if (one.starts_with(beginning)) return one;
  std::string all;
  for (const auto& one : sentences) all += one + '\n';
  UNSCOPED_INFO(all);
  return {};
}

}  // namespace

TEST_CASE("what is not written has a default") {
  const auto read = right(head);
  CHECK(read.host == "web-1");
  CHECK(read.state == "/var/lib/csrflow-agent");
  CHECK(read.poll == engine::seconds(300));
  CHECK(read.ca_files == std::vector<std::filesystem::path>{"/etc/csrflow-agent/ca.crt"});
  REQUIRE(read.certificates.size() == 1);
  const auto& kept = read.certificates.front();
  CHECK(kept.rotation == engine::WindowRule{600'000, 750'000});
  CHECK(kept.wish.key == KeyKind::p256);
  CHECK(kept.key_mode == 0600);
  CHECK(kept.reload == Hook(NoHook{}));
  CHECK(kept.wish.subject == std::vector<SubjectAttribute>{{"CN", "host:web-1"}, {"O", "hosts"}});
}

TEST_CASE("everything can be written") {
  const auto read =
      right(head + R"(  - name: web-1
    signerName: example.com/web
    usages: [digital signature, server auth]
    dns: [web-1.example.com, www.example.com]
    ip: [10.0.0.7, "2001:db8::7"]
    key: { type: RSA-3072 }
    lifetime: 47d
    caFile: /etc/ssl/web-ca.crt
    owner: root
    group: nginx
    keyMode: "0640"
    files: { fullPem: true }
    reload: { systemd: { unit: nginx.service }, timeLimit: 45s }
    probe: { address: "[::1]:8443", serverName: web-1.example.com, startTls: none }
    rotation: { from: 0.5, to: 0.675 }
    labels: { team: shop }
host: web-1.example.com
stateDirectory: state
pollInterval: 1m
bootstrap: { tokenFile: token, singleUse: true }
)",
            {.host = "x", .folder = "/etc/csrflow-agent", .credentials = "/run/credentials/agent"});
  CHECK(read.host == "web-1.example.com");
  CHECK(read.state == "/etc/csrflow-agent/state");
  CHECK(read.token_file == "/run/credentials/agent/token");
  CHECK(read.single_use);
  const auto* web = read.find("web-1");
  REQUIRE(web);
  CHECK(web->lifetime == engine::seconds(47 * 86'400));
  CHECK(web->key_mode == 0640);
  CHECK(web->full_pem);
  CHECK(web->reload == Hook(UnitHook{.unit = "nginx.service", .action = "reload"}));
  CHECK(web->reload_limit == engine::seconds(45));
  REQUIRE(web->probe);
  CHECK(web->probe->host == "::1");
  CHECK(web->probe->port == 8443);
  CHECK(web->rotation == engine::WindowRule{500'000, 675'000});
  CHECK(web->labels.at("team") == "shop");
  CHECK(read.find("nobody") == nullptr);
}

TEST_CASE("every problem is told at once, with its line, its path, and the nearest field") {
  const auto sentences = wrong(R"(server:
  url: http://ca.example.com
  cafile: ca.crt
host: "no label!"
pollInterval: 1s
certificates:
  - name: Web_1
    signerName: web
    usages: [digital signatur]
    key: { type: DSA }
    lifetime: 1m
    ip: [10.0.0.300]
    keyMode: "0644"
    reload: { command: [], signal: { pidFile: /run/x.pid } }
    probe: { address: nowhere }
    rotation: { from: 0.8, to: 0.7 }
  - { name: two, signerName: example.com/web, usages: [server auth] }
)");
  CHECK(
      told(sentences, "line 2: server.url: http://ca.example.com: is no https:// address").ends_with("6443"));
  CHECK(told(sentences, "line 3: server.cafile: unknown field; the nearest known one is caFile") != "");
  CHECK(told(sentences, "line 4: host: ") != "");
  CHECK(told(sentences, "line 5: pollInterval: must be between 10s and 1d") != "");
  CHECK(told(sentences, "line 7: certificates[0].name: Web_1 is no name") != "");
  CHECK(told(sentences, "line 8: certificates[0].signerName: ") != "");
  CHECK(told(sentences, "line 9: certificates[0].usages: ") != "");
  CHECK(told(sentences, "line 10: certificates[0].key.type: ") != "");
  CHECK(told(sentences, "line 11: certificates[0].lifetime: ") != "");
  CHECK(told(sentences, "line 12: certificates[0].ip: 10.0.0.300 is no IP address") != "");
  CHECK(told(sentences, "line 13: certificates[0].keyMode: ") != "");
  CHECK(told(sentences, "line 14: certificates[0].reload: has more than one of") != "");
  CHECK(told(sentences, "line 15: certificates[0].probe.address: ") != "");
  CHECK(told(sentences, "line 16: certificates[0].rotation: must have 0 < from < to") != "");
  CHECK(told(sentences, "line 17: certificates[1]: names nobody") != "");
  CHECK(told(sentences, "line 1: identity: is missing, and there is no bootstrap.tokenFile") != "");
}

TEST_CASE("the identity is one of the certificates, and for clients") {
  CHECK(told(wrong("server: { url: https://ca.example.com, caFile: ca.crt }\nidentity: other\ncertificates:\n"
                   "  - { name: web-1, signerName: example.com/web, usages: [server auth], dns: "
                   "[a.example.com] }\n"),
             "line 2: identity: no certificate has the name other") != "");
  CHECK(told(wrong("server: { url: https://ca.example.com, caFile: ca.crt }\nidentity: web-1\ncertificates:\n"
                   "  - { name: web-1, signerName: example.com/web, usages: [server auth], dns: "
                   "[a.example.com] }\n"),
             "line 2: identity: the certificate web-1 lacks the usage `client auth`") != "");
}

TEST_CASE("two certificates of one name, a field twice and nobody to trust are told") {
  const std::string one =
      "  - { name: a, signerName: e.com/w, usages: [server auth], dns: [a.example.com] }\n";
  const auto sentences =
      wrong("server: { url: https://ca.example.com }\nbootstrap: { tokenFile: t }\nhost: a\nhost: b\n" +
            std::string("certificates:\n") + one + one);
  CHECK(told(sentences, "line 4: host: is there twice") != "");
  CHECK(told(sentences, "line 1: server: says nobody to trust") != "");
  CHECK(told(sentences, "line 7: certificates[1].name: another certificate has the name a, too") != "");
}

TEST_CASE("what is no configuration is one sentence") {
  CHECK(wrong("") == std::vector<std::string>{"line 1: must be an object; docs/agent.md has one"});
  CHECK(wrong("[1, 2]").size() == 1);
  CHECK(told(wrong("server: [\n"), "line ").find("no YAML") != std::string::npos);
  CHECK(wrong(std::string(max_configuration_bytes + 1, ' ')).size() == 1);
}

}  // namespace csrflow::agent
