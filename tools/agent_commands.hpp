// The commands of csrflow-agent, each with what the command line may say of it. The parsing is in agent.cpp.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/commands.hpp"

namespace csrflow::tools {

/// How csrflow-agent ends, for timers and scripts; `csrflow-agent --help` lists them.
enum class AgentExit {
  done = 0,     ///< everything is done, or nothing was to be done
  failed = 1,   ///< something failed, and every certificate is still good
  at_risk = 2,  ///< something failed, and a tenth of a certificate's life is left, or less
  expired = 3,  ///< a certificate has expired, or there is none yet and none is on its way
  usage = 64    ///< the command line cannot be understood (sysexits.h)
};

struct AgentRunOptions {
  std::filesystem::path config = "/etc/csrflow-agent/agent.yaml";
  bool once = false;
};
AgentExit agent_run(const AgentRunOptions&);
/// Says everything that is wrong with the configuration, in it and on this machine.
AgentExit agent_check(const AgentRunOptions&);

struct AgentStatusOptions {
  std::filesystem::path config = "/etc/csrflow-agent/agent.yaml";
  Output output = Output::table;
};
/// From the files alone, whether or not an agent runs.
AgentExit agent_status(const AgentStatusOptions&);

struct AgentGetOptions {
  std::string server;
  std::vector<std::filesystem::path> ca_files;
  std::filesystem::path token_file;
  std::string signer, name, common_name, key = "P-256";
  std::vector<std::string> organizations, dns, ip;
  std::vector<std::string> usages{"digital signature", "server auth"};
  std::string lifetime;  ///< `24h`; empty: the signer's
  std::optional<std::filesystem::path> out;
  bool to_stdout = false;
  std::string wait = "10m";
};
/// One certificate, once: key.pem, cert.pem and ca.pem.
AgentExit agent_get(const AgentGetOptions&);

}  // namespace csrflow::tools
