// csrflow's commands, each with what the command line may say of it. The parsing is in csrflow.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/exit_code.hpp"

namespace csrflow::tools {

enum class Output { table, json };

/// As kube-apiserver's; an empty issuer: no tokens of one are accepted.
struct OidcOptions {
  std::string issuer_url, client_id;
  std::string username_claim = "sub", username_prefix;
  std::string groups_claim, groups_prefix;
  std::vector<std::string> required_claims;  ///< CLAIM=VALUE
  std::vector<std::string> signing_algorithms{"RS256"};
  std::optional<std::filesystem::path> ca_file;
  std::optional<std::filesystem::path> jwks_file;  ///< the keys; none: they are asked of the issuer
};

struct ServeOptions {
  std::filesystem::path data;
  std::string listen = "127.0.0.1:6443";  ///< ADDRESS:PORT; port 0 = any free one
  std::optional<std::filesystem::path> token_auth_file;
  std::vector<std::string> signing_durations;  ///< SIGNER=DURATION
  std::vector<std::string> csr_retentions;     ///< STATE=DURATION, or `kubernetes`
  std::vector<std::string> client_ca_files;
  OidcOptions oidc;
  bool node_restriction = false;   ///< a node asks the kubelet's signers for its own name only
  bool anonymous_auth = true;      ///< requests without credentials are system:anonymous, else 401
  std::vector<std::string> names;  ///< further DNS names and addresses of the server certificate
  std::optional<std::filesystem::path> ca_key_passphrase_file;
  std::string origin;  ///< of the log, at its creation; empty = a random one
  bool unsafe_filesystem = false;
  std::string log_level = "info";
};
ExitCode serve(const ServeOptions&);
/// Makes what serve needs, and ends.
ExitCode init(const ServeOptions&);

struct HistoryOptions {
  std::filesystem::path data;
  std::string name;
  Output output = Output::table;
};
ExitCode history(const HistoryOptions&);
/// Why the newest request of this name is where it is.
ExitCode explain(const HistoryOptions&);

struct LogOptions {
  std::filesystem::path data;
  std::uint64_t after = 0;
  std::optional<std::uint64_t> limit;
  std::string stream, type;
  bool break_glass = false;  ///< approvals by break-glass only, each with its confirmation
  Output output = Output::table;
};
ExitCode log(const LogOptions&);

struct ReplayOptions {
  std::filesystem::path data;
  Output output = Output::table;
};
ExitCode replay(const ReplayOptions&);

/// How the administrator reaches a server: a kubeconfig file.
struct ServerAccess {
  std::optional<std::filesystem::path> kubeconfig;  ///< none: `data`'s, else $KUBECONFIG
  std::optional<std::filesystem::path> data;        ///< its admin.kubeconfig
};
struct TokenCreateOptions {
  ServerAccess access;
  std::string user, uid, description;
  std::vector<std::string> groups;
  std::string ttl = "24h";  ///< Go's duration; 0 = never expires
  bool bootstrap = false, single_use = false;
  std::vector<std::string> names, signers;  ///< of the requests that it may make
  std::string agent;                        ///< a host whose agent gets its first certificate with the token
  Output output = Output::table;
};
/// Prints the token, this once.
ExitCode token_create(const TokenCreateOptions&);
struct TokenListOptions {
  ServerAccess access;
  Output output = Output::table;
};
ExitCode token_list(const TokenListOptions&);
struct TokenRevokeOptions {
  ServerAccess access;
  std::string id;
};
ExitCode token_revoke(const TokenRevokeOptions&);

struct DecisionOptions {
  ServerAccess access;
  std::string name;     ///< the request
  std::string message;  ///< why
  bool break_glass = false;
  Output output = Output::table;
};
ExitCode approve_by_break_glass(const DecisionOptions&);
ExitCode withdraw(const DecisionOptions&);
ExitCode confirm(const DecisionOptions&);

ExitCode version(Output);
/// `csrflow 0.1.0`: what events name as their program.
std::string program_name();

}  // namespace csrflow::tools
