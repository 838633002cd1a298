// The agent at work, against a server of values: given what there is, when time passes, then what happens.
#include "agent/request.hpp"
#include "tests/agent/fake_site.hpp"

namespace csrflow::agent {
namespace {

using engine::seconds;
using test::Host;
using test::noon;

constexpr std::int64_t hour = 3600;

/// Signs whatever is asked for, until every certificate is served and the server knows.
void install_all(Host& host) {
  const auto reports = host.site.reports.size() + host.configuration.certificates.size();
  host.run([&] {
    host.site.sign_all();
    return host.site.reports.size() < reports;
  });
}

bool signed_by(X509* certificate, const std::string& signature, const std::string& message) {
  const DigestContextHandle context(require(EVP_MD_CTX_new(), "verify"));
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, X509_get0_pubkey(certificate)) ==
             1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

}  // namespace

TEST_CASE("a host gets its first certificate with a token, reloads its service, and reports") {
  Host host;
  host.keep("web-1").reload = CommandHook{{"/bin/true"}};
  install_all(host);
  REQUIRE(host.site.asked.size() == 1);
  const auto& [name, asked] = *host.site.asked.begin();
  CHECK(name.starts_with("web-1-"));
  CHECK(asked.host == "web-1");
  CHECK(asked.predecessor.empty());
  CHECK(host.site.callers == std::vector<std::string>{"token:good-token"});
  CHECK(host.hooks == std::vector<std::vector<std::string>>{{"web-1"}});
  REQUIRE(host.site.reports.size() == 1);
  const auto& [request, report] = host.site.reports.front();
  CHECK(request == name);
  CHECK(report.outcome == InstallationReport::Outcome::installed);
  CHECK(report.host == "web-1");
  CHECK(report.place == (host.configuration.state / "web-1" / "current").string());
  CHECK(report.serial == host.version("web-1")->facts.serial);
}

TEST_CASE("an agent that is started again takes up the request that it had sent") {
  Host host;
  host.keep("web-1");
  host.run([&] { return host.site.requests.empty(); });
  host.run([&] { return false; });
  host.run([&] {
    host.site.sign_all();
    return !host.serves("web-1");
  });
  CHECK(host.site.asked.size() == 1);
}

TEST_CASE("a certificate that came while the agent was away is installed at its start") {
  Host host;
  host.keep("web-1");
  host.run([&] { return host.site.requests.empty(); });
  host.site.sign_all();
  host.run([&] { return !host.serves("web-1"); });
  CHECK(host.site.asked.size() == 1);
}

TEST_CASE("an install whose note was lost is not asked for again") {
  Host host;
  host.keep("web-1");
  install_all(host);
  Notes notes = host.notes("web-1");
  notes.pending_digest = std::exchange(notes.serving_digest, "older");
  NoteBook(system_files(), host.configuration.state).write("web-1", notes);
  host.run([&] { return host.site.reports.size() < 2; });
  CHECK(host.site.asked.size() == 1);
  CHECK(host.notes("web-1").serving_digest == notes.pending_digest);
}

TEST_CASE("the successor is asked for at the computed instant, untold, and names its predecessor") {
  Host host;
  host.keep("web-1");
  install_all(host);
  const VersionFacts first = host.version("web-1")->facts;
  const Serving serving{first.serial, first.not_before, first.not_after, first.issued_at, first.request};
  const auto due = rotation_due({.name = "web-1", .digest = {}, .rotation = {}}, serving, sha256);
  host.run([&] { return host.site.asked.size() < 2; });
  CHECK(host.clock.time >= due);
  CHECK(host.clock.time < due + seconds(1));
  bool named = false;
  for (const auto& [name, asked] : host.site.asked) named = named || asked.predecessor == first.request;
  CHECK(named);
}

TEST_CASE("a rotation that the server says is due is begun at once") {
  Host host;
  host.keep("web-1");
  install_all(host);
  const std::string request = host.version("web-1")->facts.request;
  host.run([&] {
    if (!host.site.requests.at(request).rotation_due) {
      host.site.requests.at(request).rotation_due = true;
      host.site.change(request);
    }
    return host.site.asked.size() < 2;
  });
  CHECK(host.clock.time < noon + seconds(hour));
}

TEST_CASE("while the server is away what serves stays, and connections are tried ever more rarely") {
  Host host;
  host.keep("web-1");
  install_all(host);
  host.site.down = true;
  host.site.connections = 0;
  const auto end = host.clock.time + seconds(hour);
  host.run([&] { return host.clock.time < end; });
  CHECK(host.serves("web-1"));
  CHECK(host.site.connections > 10);
  CHECK(host.site.connections < 40);
  host.site.down = false;
  host.run([&] { return host.site.asked.size() < 2; });
}

TEST_CASE("certificates of one service that come together share its reload") {
  Host host;
  for (const std::string name : {"a", "b", "c"}) host.keep(name).reload = UnitHook{"nginx.service", "reload"};
  host.keep("d").reload = UnitHook{"postfix.service", "reload"};
  install_all(host);
  REQUIRE(host.hooks.size() == 2);
  CHECK(host.hooks.front() == std::vector<std::string>{"a", "b", "c"});
  CHECK(host.hooks.back() == std::vector<std::string>{"d"});
}

TEST_CASE("the token is for the agent's own certificate, which asks for the others") {
  Host host;
  host.keep("web-1");
  host.keep("host");
  host.configuration.identity = "host";
  host.configuration.single_use = true;
  install_all(host);
  CHECK(host.site.callers == std::vector<std::string>{"token:good-token", "certificate"});
  CHECK_FALSE(std::filesystem::exists(*host.configuration.token_file));
}

TEST_CASE("a token that nobody knows, and none, are said once, and a new one is taken up") {
  Host host;
  host.keep("web-1");
  host.give_token("stale");
  const auto end = host.clock.time + seconds(hour);
  host.run([&] { return host.clock.time < end; });
  CHECK(host.site.asked.empty());
  CHECK(std::ranges::count_if(
            host.told, [](const auto& line) { return line.find("credentials") != std::string::npos; }) == 1);
  std::filesystem::remove(*host.configuration.token_file);
  const auto later = host.clock.time + seconds(hour);
  host.run([&] { return host.clock.time < later; });
  CHECK(host.told.back().find("csrflow token create --agent") != std::string::npos);
  host.give_token("good-token");
  install_all(host);
}

TEST_CASE("an expired identity asks for its successor with both keys") {
  Host host;
  host.keep("host");
  host.configuration.identity = "host";
  install_all(host);
  std::filesystem::remove(*host.configuration.token_file);
  const auto old = *host.version("host");
  host.clock.time = old.facts.not_after + seconds(hour);
  host.run([&] {
    host.site.sign_all();
    return host.version_count("host") < 2;
  });
  REQUIRE_FALSE(host.site.rekeys.empty());
  const auto& rekey = host.site.rekeys.front();
  CHECK(rekey.name == host.version("host")->facts.request);
  const auto certificates =
      read_certificates(host.site.requests.at(old.facts.request).certificate, 1).value();
  CHECK(signed_by(certificates.front().get(), rekey.signature, der_of_request(rekey.request)));
  CHECK(host.clock.time < old.facts.not_after + seconds(hour + 5));
  CHECK(host.site.asked.size() == 1);
}

TEST_CASE("a denied request is said, and another one is made after a wait") {
  Host host;
  host.keep("web-1");
  host.run([&] {
    const auto& [name, first] = *host.site.requests.begin();
    if (!first.denied) host.site.deny(name);
    return host.site.requests.size() < 2;
  });
  CHECK(host.clock.time >= noon + seconds(27));
  CHECK(host.clock.time <= noon + seconds(35));
  CHECK(host.notes("web-1").problem.find("was denied: NotWelcome") != std::string::npos);
}

TEST_CASE("a certificate for other names is refused, reported, and asked for anew") {
  Host host;
  host.keep("web-1");
  host.run([&] {
    for (auto& [name, object] : host.site.requests) {
      if (!object.certificate.empty()) continue;
      object.certificate = host.site.authority.issue(object.request, {.names = "DNS:evil.example.com"});
      object.issued_at = host.clock.time;
      host.site.change(name);
    }
    return host.site.requests.size() < 2;
  });
  CHECK_FALSE(host.serves("web-1"));
  REQUIRE_FALSE(host.site.reports.empty());
  CHECK(host.site.reports.front().report.outcome == InstallationReport::Outcome::failed);
  CHECK(host.site.reports.front().report.step == "check");
}

TEST_CASE("who may not list asks for its own request, once in a while") {
  Host host;
  host.keep("web-1");
  host.site.list_forbidden = true;
  host.run([&] {
    if (host.clock.time > noon + seconds(400)) host.site.sign_all();
    return !host.serves("web-1");
  });
  CHECK(host.site.asked.size() == 1);
  CHECK(host.site.lists < 10);
}

TEST_CASE("a changed configuration makes a new request at once, and the old certificate serves until then") {
  Host host;
  host.keep("web-1");
  install_all(host);
  host.configuration.certificates.front().wish.dns.push_back("www.example.com");
  host.run([&] { return host.site.asked.size() < 2; });
  CHECK(host.clock.time < noon + seconds(5));
  CHECK(host.serves("web-1"));
  host.run([&] {
    host.site.sign_all();
    return host.version_count("web-1") < 2;
  });
}

TEST_CASE(
    "an agent that is started again between a swap and its reload does the reload, and goes on at once") {
  Host host;
  host.keep("web-1").reload = CommandHook{{"/bin/true"}};
  host.run([&] {
    host.site.sign_all();
    return !host.serves("web-1");
  });
  CHECK(host.hooks.empty());
  host.configuration.certificates.front().wish.dns.push_back("www.example.com");
  host.run([&] { return host.site.asked.size() < 2; });
  CHECK(host.hooks.size() == 1);
  CHECK(host.clock.time < noon + seconds(5));
}

TEST_CASE("one look does what is to be done, and says how things are") {
  Host host;
  host.keep("web-1");
  auto found = host.once();
  CHECK(found.worst == Health::missing);
  CHECK(found.waiting);
  CHECK_FALSE(found.failed);
  host.site.sign_all();
  found = host.once();
  CHECK(found.worst == Health::valid);
  CHECK_FALSE(found.failed);
  CHECK(host.site.reports.size() == 1);

  host.clock.time = host.version("web-1")->facts.not_after - seconds(hour);
  host.site.down = true;
  found = host.once();
  CHECK(found.worst == Health::at_risk);
  CHECK(found.failed);
  host.clock.time = host.clock.time + seconds(2 * hour);
  CHECK(host.once().worst == Health::expired);
}

TEST_CASE("a directory that another agent has is said, and the other certificates are kept") {
  Host host;
  host.keep("web-1");
  host.keep("web-2");
  {
    const StateDirectory taken(system_files(), host.configuration.state / "web-1", {});
    host.run([&] {
      host.site.sign_all();
      return !host.serves("web-2");
    });
    CHECK(host.told.front().find("in use by another agent") != std::string::npos);
  }
  host.run([&] {
    host.site.sign_all();
    return !host.serves("web-1");
  });
}

}  // namespace csrflow::agent
