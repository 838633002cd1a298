// `csrflow-agent get`: one certificate, once, without a configuration.
#include <unistd.h>

#include <iostream>

#include "agent/certificate_checks.hpp"
#include "agent/files.hpp"
#include "agent/host_clock.hpp"
#include "agent/request.hpp"
#include "agent/server_client.hpp"
#include "engine/duration.hpp"
#include "engine/overloaded.hpp"
#include "tools/agent_commands.hpp"
#include "tools/agent_configuration.hpp"

namespace csrflow::tools {
namespace {

namespace fs = std::filesystem;
using engine::Bytes;
using engine::Duration;

const std::string key_file = "key.pem", certificate_file = "cert.pem", authorities_file = "ca.pem";
constexpr std::size_t max_token_bytes = 16 * 1024;
constexpr Duration between_tries = engine::seconds(2);
constexpr agent::FileAccess readable{.mode = 0644};

/// Why nothing came of it.
struct Stopped {
  AgentExit exit;
  std::string text;
};

template <class Value>
Value needed(std::expected<Value, std::string> value, AgentExit exit = AgentExit::usage) {
  if (!value) throw Stopped{exit, std::move(value.error())};
  return std::move(*value);
}

std::string bare(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

agent::CertificateWish wish_of(const AgentGetOptions& o) {
  agent::CertificateWish wish{.name = o.name,
                              .key = needed(agent::parse_key_kind(o.key)),
                              .dns = o.dns,
                              .ip = o.ip,
                              .usages = o.usages};
  if (!o.common_name.empty()) wish.subject.push_back({"CN", o.common_name});
  for (const auto& organization : o.organizations) wish.subject.push_back({"O", organization});
  if (wish.subject.empty() && wish.dns.empty() && wish.ip.empty())
    throw Stopped{AgentExit::usage, "say whom the certificate is for: --dns, --ip or --common-name"};
  return wish;
}

/// The key of the folder, so that a second call goes on where the first stopped; a new one where there is
/// none.
agent::PrivateKey key_of(const AgentGetOptions& o, const agent::CertificateWish& wish) {
  if (!o.out) return agent::PrivateKey::make(wish.key);
  auto& files = agent::system_files();
  files.make_directories(*o.out);
  const auto folder = files.open_directory(*o.out);
  if (files.facts(folder, certificate_file))
    throw Stopped{AgentExit::failed,
                  (*o.out / certificate_file).string() + " is there already; name another --out"};
  if (files.facts(folder, key_file))
    return needed(
        agent::PrivateKey::read(agent::read_file(files, folder, key_file, agent::max_key_pem).view()),
        AgentExit::failed);
  auto key = agent::PrivateKey::make(wish.key);
  agent::write_file(files, folder, key_file, key.pem().view(), {});
  files.sync(folder);
  return key;
}

template <class Value>
Value answered(agent::Answer<Value> answer) {
  if (!answer) throw Stopped{AgentExit::failed, std::move(answer.error().message)};
  return std::move(*answer);
}

agent::RequestObject created(agent::Server& server, const agent::NewRequest& wanted) {
  auto made = server.create(wanted);
  if (made || made.error().kind != agent::CallFailure::Kind::conflict) return answered(std::move(made));
  auto found = answered(server.get(wanted.name));
  // Signatures of ECDSA differ from one making of the request to the next; the key in its name does not.
  std::cerr << "csrflow-agent: goes on with the request " << wanted.name << '\n';
  return found;
}

/// The end of the request, or what it is when the time has passed.
agent::RequestObject awaited(agent::Server& server, agent::RequestObject object, agent::HostClock& clock,
                             Duration patience) {
  const engine::Timestamp end = clock.now() + patience;
  std::unique_ptr<agent::Watch> watch;
  const auto open = [](const agent::RequestObject& one) {
    return one.certificate.empty() && !one.denied && !one.failed;
  };
  while (open(object) && clock.now() < end) {
    if (!watch) {
      auto opened = server.watch_one(object.name, object.version);
      if (opened) watch = std::move(*opened);
    }
    if (!watch) {
      clock.sleep(std::min(between_tries, end - clock.now()), {});
      if (auto found = server.get(object.name)) object = std::move(*found);
      continue;
    }
    auto change = watch->next(std::chrono::milliseconds((end - clock.now()).microseconds / 1'000 + 1));
    if (!change) {
      watch.reset();
      if (auto found = server.get(object.name)) object = std::move(*found);
    } else if (*change && (*change)->kind == agent::RequestChange::Kind::deleted) {
      throw Stopped{AgentExit::failed, "somebody has deleted the request " + object.name};
    } else if (*change && (*change)->kind == agent::RequestChange::Kind::changed) {
      object = std::move((*change)->object);
    }
  }
  return object;
}

Bytes certificate_of(const agent::RequestObject& object, const AgentGetOptions& o) {
  if (object.denied) throw Stopped{AgentExit::failed, object.name + " was denied: " + *object.denied};
  if (object.failed) throw Stopped{AgentExit::failed, object.name + " failed: " + *object.failed};
  if (object.certificate.empty())
    throw Stopped{AgentExit::failed,
                  object.name + (object.approved ? " is approved and not signed" : " is not approved") +
                      " after " + o.wait + (o.out ? "; the same command goes on with it" : "")};
  return object.certificate;
}

Bytes authorities_for(agent::Server& server, const engine::SignerName& signer, const Bytes& otherwise) {
  auto said = server.authorities(signer);
  return said && !said->empty() ? std::move(*said) : otherwise;
}

void check(const agent::CertificateWish& wish, const agent::PrivateKey& key, const Bytes& certificate,
           const Bytes& authorities, engine::Timestamp now) {
  const auto checked =
      agent::check_certificate({.certificate = certificate, .authorities = authorities, .crl = {}},
                               {.wish = wish, .public_key = key.public_key(), .known_serials = {}}, now);
  if (const auto* failure = std::get_if<agent::CheckFailure>(&checked))
    throw Stopped{AgentExit::failed, "the certificate is not what was asked for: " + failure->message};
}

void deliver(const AgentGetOptions& o, const agent::PrivateKey& key, const Bytes& certificate,
             const Bytes& authorities) {
  if (!o.out) {
    std::cout << key.pem().view() << certificate << authorities << std::flush;
    return;
  }
  auto& files = agent::system_files();
  const auto folder = files.open_directory(*o.out);
  if (!files.facts(folder, authorities_file))
    agent::write_file(files, folder, authorities_file, authorities, readable);
  agent::write_file(files, folder, certificate_file, certificate, readable);
  files.sync(folder);
  std::cerr << "csrflow-agent: " << key_file << ", " << certificate_file << " and " << authorities_file
            << " are in " << o.out->string() << '\n';
}

void get(const AgentGetOptions& o) {
  if (o.out.has_value() == o.to_stdout)
    throw Stopped{AgentExit::usage, "say where to: --out DIR, or --stdout"};
  const auto address = needed(agent::parse_server_address(o.server));
  const Duration patience = needed(engine::parse_duration(o.wait));
  std::optional<Duration> lifetime;
  if (!o.lifetime.empty()) lifetime = needed(engine::parse_duration(o.lifetime));
  Bytes trusted;
  for (const auto& file : o.ca_files) trusted += needed(file_text(file, agent::max_bundle_pem)) + '\n';
  const auto wish = wish_of(o);
  agent::Credentials credentials;
  credentials.token = bare(needed(file_text(o.token_file, max_token_bytes)));
  const auto key = key_of(o, wish);
  const engine::SignerName signer{o.signer};
  agent::SystemHostClock clock;
  agent::ServerClient server(address, {trusted, std::move(credentials)}, {});
  const std::string name = agent::request_name(o.name, key.public_key());
  auto object = created(server, {.name = name,
                                 .signer = signer,
                                 .request = needed(agent::make_request(key, wish)),
                                 .usages = wish.usages,
                                 .lifetime = lifetime,
                                 .labels = {},
                                 .host = {},
                                 .predecessor = {}});
  std::cerr << "csrflow-agent: waits for " << name << '\n';
  object = awaited(server, std::move(object), clock, patience);
  const Bytes certificate = certificate_of(object, o);
  const Bytes authorities = authorities_for(server, signer, trusted);
  check(wish, key, certificate, authorities, clock.now());
  deliver(o, key, certificate, authorities);
}

}  // namespace

AgentExit agent_get(const AgentGetOptions& options) {
  try {
    get(options);
    return AgentExit::done;
  } catch (const Stopped& stopped) {
    std::cerr << "csrflow-agent: " << stopped.text << '\n';
    return stopped.exit;
  }
}

}  // namespace csrflow::tools
