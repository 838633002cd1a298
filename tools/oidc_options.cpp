#include "tools/oidc_options.hpp"

#include <fstream>
#include <sstream>

#include "tools/establish.hpp"

namespace csrflow::tools {
namespace {

std::expected<std::string, std::string> file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return std::unexpected(path.string() + " cannot be read");
  return std::move(text).str();
}

api::OidcRules rules_of(const OidcOptions& o) {
  api::OidcRules rules{.issuer = o.issuer_url,
                       .client_id = o.client_id,
                       .username_claim = o.username_claim,
                       .username_prefix = o.username_prefix,
                       .groups_claim = o.groups_claim,
                       .groups_prefix = o.groups_prefix,
                       .required_claims = {},
                       .algorithms = o.signing_algorithms};
  for (const auto& option : o.required_claims) {
    const auto equals = option.find('=');
    if (equals == std::string::npos || equals == 0)
      throw SetupError("--oidc-required-claim " + option + ": write CLAIM=VALUE");
    rules.required_claims[option.substr(0, equals)] = option.substr(equals + 1);
  }
  if (const auto problem = problem_of(rules)) throw SetupError("--oidc-*: " + *problem);
  return rules;
}

std::shared_ptr<api::IssuerKeys> keys_in_file(const std::filesystem::path& path,
                                              std::function<void(const std::string&)> warn) {
  const auto text = file_text(path);
  if (!text) throw SetupError("--oidc-jwks-file: " + text.error());
  auto keys = api::JsonWebKeys::parse(*text);
  if (!keys) throw SetupError("--oidc-jwks-file " + path.string() + ": " + keys.error());
  return std::make_shared<api::IssuerKeys>([path](const std::stop_token&) { return file_text(path); },
                                           api::file_pace, std::move(*keys), std::move(warn));
}

}  // namespace

std::shared_ptr<api::OidcTokens> oidc_tokens(const OidcOptions& o, const engine::Clock& clock,
                                             std::function<void(const std::string&)> warn) {
  if (o.issuer_url.empty()) return nullptr;
  auto rules = rules_of(o);
  if (o.jwks_file)
    return std::make_shared<api::OidcTokens>(std::move(rules), keys_in_file(*o.jwks_file, std::move(warn)),
                                             clock);
  std::string authorities;
  if (o.ca_file) {
    auto text = file_text(*o.ca_file);
    if (!text) throw SetupError("--oidc-ca-file: " + text.error());
    authorities = std::move(*text);
  }
  auto keys = std::make_shared<api::IssuerKeys>(api::discovered_keys(o.issuer_url, std::move(authorities)),
                                                api::issuer_pace, nullptr, std::move(warn));
  return std::make_shared<api::OidcTokens>(std::move(rules), std::move(keys), clock);
}

}  // namespace csrflow::tools
