// What the agent is told: where the server is, as whom it speaks there, and which certificates it keeps. The
// format of the file is in docs/agent.md.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/hook.hpp"
#include "agent/probe.hpp"
#include "agent/wish.hpp"
#include "engine/rotation.hpp"

namespace csrflow::agent {

/// One certificate and what is done when it changes.
struct KeptCertificate {
  CertificateWish wish;
  engine::SignerName signer;
  std::optional<engine::Duration> lifetime;  ///< asked for; none: the signer's
  std::string owner, group;                  ///< of the files, names or numbers; empty: the agent's own
  mode_t key_mode = 0600;
  bool full_pem = false;                         ///< full.pem, too: key and chain in one file
  std::optional<std::filesystem::path> ca_file;  ///< what the chain must lead to; none: the server says
  Hook reload;
  engine::Duration reload_limit = engine::seconds(30);
  std::optional<Probe> probe;
  engine::WindowRule rotation;
  engine::StringMap labels;
};

struct Configuration {
  std::string server;                           ///< `https://ca.example.com:6443`
  std::vector<std::filesystem::path> ca_files;  ///< PEM: whom to trust as the server
  engine::Bytes ca;                             ///< PEM, written into the configuration itself
  std::filesystem::path state = "/var/lib/csrflow-agent";
  std::string host;  ///< the label `csrflow.io/agent` of the requests
  std::optional<std::filesystem::path> token_file;
  bool single_use = false;  ///< the token is for the identity's request alone, and then removed
  std::string identity;     ///< the certificate that the agent identifies itself with; empty: the token
  engine::Duration poll = engine::seconds(300);
  std::vector<KeptCertificate> certificates;

  /// Null when none has this name.
  const KeptCertificate* find(std::string_view name) const;
};

struct ConfigurationProblem {
  std::size_t line = 0;  ///< from 1; 0: the whole text
  std::string path;      ///< `certificates[2].key.type`
  std::string text;      ///< what is wrong, and what to write
  bool operator==(const ConfigurationProblem&) const = default;
};
using ConfigurationProblems = std::vector<ConfigurationProblem>;
/// `line 7: certificates[0].usages: …`
std::string sentence(const ConfigurationProblem&);

/// What the text leaves to the machine.
struct HostDefaults {
  std::string host;              ///< gethostname
  std::filesystem::path folder;  ///< relative files are in it
  /// $CREDENTIALS_DIRECTORY: where systemd lays a token. A relative tokenFile is in it, where there is one.
  std::filesystem::path credentials;
};

constexpr std::size_t max_configuration_bytes = 1024 * 1024;
constexpr std::size_t max_certificates = 1'000;
/// Names are cut from this and the key's hash; a request's name is at most 253 bytes.
constexpr std::size_t max_certificate_name = 200;

/// Every problem of the text, in the order of its lines.
std::expected<Configuration, ConfigurationProblems> read_configuration(std::string_view yaml,
                                                                       const HostDefaults&);

}  // namespace csrflow::agent
