#include "agent/configuration.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>

#include "agent/https_connection.hpp"
#include "agent/state_directory.hpp"
#include "agent/usages.hpp"
#include "agent/yaml_reading.hpp"
#include "engine/ip_address.hpp"

namespace csrflow::agent {
namespace {

using Known = std::span<const std::string_view>;
namespace fs = std::filesystem;

constexpr std::string_view top_fields[] = {"server",   "stateDirectory", "host",        "bootstrap",
                                           "identity", "pollInterval",   "certificates"};
constexpr std::string_view server_fields[] = {"url", "caFile", "ca"};
constexpr std::string_view bootstrap_fields[] = {"tokenFile", "singleUse"};
constexpr std::string_view certificate_fields[] = {
    "name",     "signerName", "usages", "subject", "dns",   "ip",     "email", "uri",      "key",   "caFile",
    "lifetime", "owner",      "group",  "keyMode", "files", "reload", "probe", "rotation", "labels"};
constexpr std::string_view key_fields[] = {"type"};
constexpr std::string_view file_fields[] = {"fullPem"};
constexpr std::string_view reload_fields[] = {"command", "systemd", "signal", "timeLimit"};
constexpr std::string_view systemd_fields[] = {"unit", "action"};
constexpr std::string_view signal_fields[] = {"pidFile", "name"};
constexpr std::string_view probe_fields[] = {"address", "serverName", "startTls"};
constexpr std::string_view rotation_fields[] = {"from", "to"};

struct SubjectField {
  std::string_view name, type;
};
constexpr SubjectField subject_attributes[] = {{"commonName", "CN"},
                                               {"organization", "O"},
                                               {"organizationalUnit", "OU"},
                                               {"country", "C"},
                                               {"province", "ST"},
                                               {"locality", "L"},
                                               {"streetAddress", "street"},
                                               {"postalCode", "postalCode"},
                                               {"serialNumber", "serialNumber"}};

constexpr engine::Duration least_poll = engine::seconds(10), most_poll = engine::seconds(86'400);
// Kubernetes' bounds of spec.expirationSeconds.
constexpr engine::Duration least_lifetime = engine::seconds(600),
                           most_lifetime = engine::seconds(2'147'483'647);
// A watchdog waits for the loop, and the loop for the hook.
constexpr engine::Duration most_reload = engine::seconds(120);
constexpr std::int32_t latest_fraction = 950'000;

/// DNS-1123 subdomain (RFC 1123 2.1), as Kubernetes wants names.
bool is_object_name(std::string_view name) {
  const auto inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  char before = '.';
  for (const char c : name) {
    if (c == '.' ? before == '.' || before == '-' : !inner(c) || (c == '-' && before == '.')) return false;
    before = c;
  }
  return !name.empty() && before != '.' && before != '-';
}

bool is_label_value(std::string_view value) {
  constexpr std::size_t longest = 63;
  const auto outer = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return value.size() <= longest && (value.empty() || (outer(value.front()) && outer(value.back()))) &&
         std::ranges::all_of(value, [&](char c) { return outer(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_signer_name(std::string_view name) {
  const auto slash = name.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < name.size() &&
         name.find('/', slash + 1) == std::string_view::npos;
}

bool is_plain(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) { return c > ' ' && c < 127; });
}

class ConfigurationReader {
 public:
  ConfigurationReader(ConfigurationProblems& problems, const HostDefaults& host)
      : yaml_(problems), host_(host) {}

  Configuration read(const Place& top) {
    yaml_.fields(top, top_fields);
    Configuration found;
    read_server(yaml_.member(top, "server"), found);
    if (auto state = yaml_.text(yaml_.member(top, "stateDirectory"))) found.state = in(host_.folder, *state);
    const Place host = yaml_.member(top, "host");
    found.host = yaml_.text(host).value_or(host_.host);
    if (found.host.empty() || !is_label_value(found.host))
      yaml_.fail(host,
                 found.host +
                     " is no value of a label: at most 63 letters, digits, '-', '_' and '.', the first and "
                     "last a letter or digit; set host");
    read_bootstrap(yaml_.member(top, "bootstrap"), found);
    found.identity = yaml_.text(yaml_.member(top, "identity")).value_or("");
    if (auto poll = bounded(yaml_.member(top, "pollInterval"), least_poll, most_poll, "10s and 1d"))
      found.poll = *poll;
    read_certificates(yaml_.member(top, "certificates"), found);
    check_identity(yaml_.member(top, "identity"), yaml_.member(top, "bootstrap"), found);
    return found;
  }

 private:
  static fs::path in(const fs::path& folder, const std::string& file) {
    return fs::path(file).is_absolute() ? fs::path(file) : folder / file;
  }

  std::optional<engine::Duration> bounded(const Place& at, engine::Duration least, engine::Duration most,
                                          const std::string& bounds) {
    const auto value = yaml_.duration(at);
    if (!value || (*value >= least && *value <= most)) return value;
    yaml_.fail(at, "must be between " + bounds);
    return std::nullopt;
  }

  void read_server(const Place& at, Configuration& found) {
    yaml_.fields(at, server_fields);
    found.server = yaml_.required(at, "url");
    if (!found.server.empty())
      if (const auto address = parse_server_address(found.server); !address)
        yaml_.fail(yaml_.member(at, "url"), address.error());
    for (const auto& file : yaml_.texts(yaml_.member(at, "caFile")))
      found.ca_files.push_back(in(host_.folder, file));
    const Place inlined = yaml_.member(at, "ca");
    found.ca = yaml_.text(inlined).value_or("");
    if (!found.ca.empty() && found.ca.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
      yaml_.fail(inlined,
                 "has no PEM block CERTIFICATE; write it as a block after `ca: |`, or name a file in caFile");
    if (found.ca_files.empty() && found.ca.empty())
      yaml_.fail(at, "says nobody to trust: name the server's CA in caFile (PEM), or write it into ca");
  }

  void read_bootstrap(const Place& at, Configuration& found) {
    yaml_.fields(at, bootstrap_fields);
    if (auto file = yaml_.text(yaml_.member(at, "tokenFile")))
      found.token_file = in(host_.credentials.empty() ? host_.folder : host_.credentials, *file);
    found.single_use = yaml_.boolean(yaml_.member(at, "singleUse")).value_or(false);
  }

  void check_identity(const Place& at, const Place& bootstrap, const Configuration& found) {
    if (found.identity.empty()) {
      if (!found.token_file)
        yaml_.fail(at, "is missing, and there is no bootstrap.tokenFile: the agent is nobody");
      if (found.single_use)
        yaml_.fail(yaml_.member(bootstrap, "singleUse"), "needs an identity, which is what the token is for");
      return;
    }
    const auto* kept = found.find(found.identity);
    if (!kept) return yaml_.fail(at, "no certificate has the name " + found.identity);
    if (std::ranges::find(kept->wish.usages, "client auth") == kept->wish.usages.end())
      yaml_.fail(at, "the certificate " + found.identity +
                         " lacks the usage `client auth`, so that it identifies nobody");
  }

  void read_certificates(const Place& at, Configuration& found) {
    if (!at.there()) return yaml_.fail(at, "is missing: a list of the certificates to keep");
    std::set<std::string> names;
    for (const Place& item : yaml_.items(at, max_certificates)) {
      KeptCertificate kept = read_certificate(item);
      if (!kept.wish.name.empty() && !names.insert(kept.wish.name).second)
        yaml_.fail(yaml_.member(item, "name"),
                   "another certificate has the name " + kept.wish.name + ", too");
      found.certificates.push_back(std::move(kept));
    }
    if (at.node.IsSequence() && at.node.size() == 0) yaml_.fail(at, "is empty: name a certificate to keep");
  }

  KeptCertificate read_certificate(const Place& at) {
    yaml_.fields(at, certificate_fields);
    KeptCertificate kept;
    read_wish(at, kept);
    const Place signer = yaml_.member(at, "signerName");
    kept.signer.text = yaml_.required(at, "signerName");
    if (!kept.signer.text.empty() && !is_signer_name(kept.signer.text))
      yaml_.fail(signer, kept.signer.text + " is no signer's name; write it as example.com/web");
    kept.lifetime = bounded(yaml_.member(at, "lifetime"), least_lifetime, most_lifetime, "10m and 68 years");
    if (auto file = yaml_.text(yaml_.member(at, "caFile"))) kept.ca_file = in(host_.folder, *file);
    read_files(at, kept);
    read_reload(yaml_.member(at, "reload"), kept);
    read_probe(yaml_.member(at, "probe"), kept);
    read_rotation(yaml_.member(at, "rotation"), kept.rotation);
    const Place labels = yaml_.member(at, "labels");
    kept.labels = yaml_.text_map(labels);
    for (const auto& [name, value] : kept.labels)
      if (!is_label_value(value))
        yaml_.fail(labels, value + " is no value of a label: at most 63 letters, digits, '-', '_' and '.'");
    return kept;
  }

  void read_wish(const Place& at, KeptCertificate& kept) {
    CertificateWish& wish = kept.wish;
    wish.name = yaml_.required(at, "name");
    if (!wish.name.empty() && (wish.name.size() > max_certificate_name || !is_object_name(wish.name)))
      yaml_.fail(yaml_.member(at, "name"),
                 wish.name + " is no name: lower-case letters, digits, '-' and '.', at most 200");
    const Place usages = yaml_.member(at, "usages");
    wish.usages = yaml_.texts(usages);
    if (wish.usages.empty())
      yaml_.fail(usages, "is missing; for a TLS server write [digital signature, server auth]");
    if (const auto read = read_usages(wish.usages); !read) yaml_.fail(usages, read.error());
    read_subject(yaml_.member(at, "subject"), wish);
    read_names(at, wish);
    const Place key = yaml_.member(at, "key");
    yaml_.fields(key, key_fields);
    const Place type = yaml_.member(key, "type");
    if (const auto written = yaml_.text(type)) {
      const auto kind = parse_key_kind(*written);
      if (kind) {
        wish.key = *kind;
      } else {
        yaml_.fail(type, kind.error());
      }
    }
  }

  void read_subject(const Place& at, CertificateWish& wish) {
    std::array<std::string_view, std::size(subject_attributes)> names;
    std::ranges::transform(subject_attributes, names.begin(), &SubjectField::name);
    yaml_.fields(at, names);
    for (const auto& [name, type] : subject_attributes)
      for (const auto& value : yaml_.texts(yaml_.member(at, name)))
        wish.subject.push_back({std::string(type), value});
  }

  void read_names(const Place& at, CertificateWish& wish) {
    const std::pair<std::string_view, std::vector<std::string>*> kinds[] = {
        {"dns", &wish.dns}, {"ip", &wish.ip}, {"email", &wish.email}, {"uri", &wish.uri}};
    std::size_t count = 0;
    for (const auto& [field, values] : kinds) {
      const Place place = yaml_.member(at, field);
      *values = yaml_.texts(place);
      count += values->size();
      for (const auto& value : *values)
        if (!is_plain(value) || value.size() > max_wished_value)
          yaml_.fail(place, '"' + value + "\" is no name: printable ASCII without blanks");
    }
    for (const auto& address : wish.ip)
      if (is_plain(address) && !engine::IpAddress::parse(address))
        yaml_.fail(yaml_.member(at, "ip"), address + " is no IP address");
    if (count > max_wished_names)
      yaml_.fail(at, "more than " + std::to_string(max_wished_names) + " names in one certificate");
    if (count == 0 && wish.subject.empty())
      yaml_.fail(at, "names nobody: give it a subject, or a name in dns, ip, email or uri");
  }

  void read_files(const Place& at, KeptCertificate& kept) {
    kept.owner = yaml_.text(yaml_.member(at, "owner")).value_or("");
    kept.group = yaml_.text(yaml_.member(at, "group")).value_or("");
    const Place mode = yaml_.member(at, "keyMode");
    if (const auto written = yaml_.text(mode)) {
      std::string_view digits = *written;
      if (digits.starts_with('0')) digits.remove_prefix(1);
      if (digits.size() == 3 && digits.find_first_not_of("01234567") == std::string_view::npos) {
        kept.key_mode =
            static_cast<mode_t>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
        if (auto refusal = refusal_of(FileLayout{.key = {.owner = {}, .group = {}, .mode = kept.key_mode}}))
          yaml_.fail(mode, *refusal);
      } else {
        yaml_.fail(mode, *written + " is no mode of a file; write it as \"0640\"");
      }
    }
    const Place files = yaml_.member(at, "files");
    yaml_.fields(files, file_fields);
    kept.full_pem = yaml_.boolean(yaml_.member(files, "fullPem")).value_or(false);
  }

  void read_reload(const Place& at, KeptCertificate& kept) {
    yaml_.fields(at, reload_fields);
    const Place command = yaml_.member(at, "command"), systemd = yaml_.member(at, "systemd"),
                signal = yaml_.member(at, "signal");
    yaml_.fields(systemd, systemd_fields);
    yaml_.fields(signal, signal_fields);
    if (command.there() + systemd.there() + signal.there() > 1)
      yaml_.fail(at, "has more than one of command, systemd and signal; choose one");
    if (command.there()) kept.reload = CommandHook{yaml_.texts(command)};
    if (systemd.there())
      kept.reload = UnitHook{yaml_.required(systemd, "unit"),
                             yaml_.text(yaml_.member(systemd, "action")).value_or("reload")};
    if (signal.there())
      kept.reload = SignalHook{yaml_.required(signal, "pidFile"),
                               yaml_.text(yaml_.member(signal, "name")).value_or("HUP")};
    if (auto refusal = refusal_of(kept.reload)) yaml_.fail(at, *refusal);
    if (auto limit = bounded(yaml_.member(at, "timeLimit"), engine::seconds(1), most_reload, "1s and 2m"))
      kept.reload_limit = *limit;
  }

  void read_probe(const Place& at, KeptCertificate& kept) {
    yaml_.fields(at, probe_fields);
    if (!at.there() || !at.node.IsMap()) return;
    const std::string address = yaml_.required(at, "address");
    if (address.empty()) return;
    auto probe = parse_probe_address(address);
    if (!probe) return yaml_.fail(yaml_.member(at, "address"), probe.error());
    probe->server_name = yaml_.text(yaml_.member(at, "serverName")).value_or("");
    const Place start = yaml_.member(at, "startTls");
    if (const auto written = yaml_.text(start)) {
      const auto kind = parse_start_tls(*written);
      if (!kind) return yaml_.fail(start, kind.error());
      probe->start_tls = *kind;
    }
    kept.probe = std::move(*probe);
  }

  void read_rotation(const Place& at, engine::WindowRule& rule) {
    yaml_.fields(at, rotation_fields);
    if (auto from = yaml_.millionths(yaml_.member(at, "from"))) rule.from = *from;
    if (auto to = yaml_.millionths(yaml_.member(at, "to"))) rule.to = *to;
    if (rule.from <= 0 || rule.from >= rule.to || rule.to > latest_fraction)
      yaml_.fail(at, "must have 0 < from < to, and to at most 0.95");
  }

  YamlReading yaml_;
  const HostDefaults& host_;
};

}  // namespace

const KeptCertificate* Configuration::find(std::string_view name) const {
  const auto found = std::ranges::find(certificates, name,
                                       [](const auto& kept) { return std::string_view(kept.wish.name); });
  return found == certificates.end() ? nullptr : &*found;
}

std::string sentence(const ConfigurationProblem& problem) {
  return (problem.line == 0 ? "" : "line " + std::to_string(problem.line) + ": ") +
         (problem.path.empty() ? "" : problem.path + ": ") + problem.text;
}

std::expected<Configuration, ConfigurationProblems> read_configuration(std::string_view yaml,
                                                                       const HostDefaults& host) {
  if (yaml.size() > max_configuration_bytes)
    return std::unexpected(
        ConfigurationProblems{{.text = "is longer than 1 MiB, so it is no configuration"}});
  ConfigurationProblems problems;
  Configuration found;
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap())
      return std::unexpected(
          ConfigurationProblems{{.line = 1, .text = "must be an object; docs/agent.md has one"}});
    found = ConfigurationReader(problems, host).read({root, "", 1});
  } catch (const YAML::Exception& problem) {
    const std::size_t line = problem.mark.line < 0 ? 0 : static_cast<std::size_t>(problem.mark.line) + 1;
    return std::unexpected(ConfigurationProblems{{.line = line, .text = "no YAML: " + problem.msg}});
  }
  if (problems.empty()) return found;
  std::ranges::stable_sort(problems, {}, &ConfigurationProblem::line);
  return std::unexpected(std::move(problems));
}

}  // namespace csrflow::agent
