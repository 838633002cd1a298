// `csrflow-agent run`.
#include <iostream>

#include "agent/loop.hpp"
#include "agent/server_client.hpp"
#include "tools/agent_commands.hpp"
#include "tools/agent_configuration.hpp"
#include "tools/agent_signals.hpp"

namespace csrflow::tools {
namespace {

/// How long `run --once` waits for what it has asked for: an approval by policy takes seconds.
constexpr engine::Duration once_patience = engine::seconds(20);
/// A hook at its longest, with what follows it.
constexpr engine::Duration longest_ending = engine::seconds(150);

/// To the journal, which has the time of each line.
void tell(const std::string& sentence) {
  std::cerr << "csrflow-agent: " << sentence << std::endl;
}

agent::Servers servers_of(const agent::Configuration& configuration, const engine::Bytes& authorities,
                          const std::stop_token& stop) {
  return [address = *agent::parse_server_address(configuration.server), authorities,
          stop](agent::Credentials credentials) -> std::unique_ptr<agent::Server> {
    return std::make_unique<agent::ServerClient>(address, agent::TlsSide{authorities, std::move(credentials)},
                                                 stop);
  };
}

AgentExit exit_of(const agent::Summary& summary) {
  if (summary.worst == agent::Health::expired) return AgentExit::expired;
  if (summary.worst == agent::Health::missing && (summary.failed || !summary.waiting))
    return AgentExit::expired;
  if (!summary.failed) return AgentExit::done;
  return summary.worst == agent::Health::at_risk ? AgentExit::at_risk : AgentExit::failed;
}

/// The configuration with what it trusts.
struct Loaded {
  agent::Configuration configuration;
  engine::Bytes authorities;
};
std::expected<Loaded, std::string> load(const std::filesystem::path& path) {
  auto configuration = load_configuration(path);
  if (!configuration) return std::unexpected(std::move(configuration.error()));
  auto authorities = authorities_of(*configuration);
  if (!authorities) return std::unexpected(std::move(authorities.error()));
  return Loaded{std::move(*configuration), std::move(*authorities)};
}

}  // namespace

AgentExit agent_run(const AgentRunOptions& options) {
  auto loaded = load(options.config);
  if (!loaded) {
    std::cerr << loaded.error() << '\n';
    return AgentExit::failed;
  }
  auto manager = agent::ServiceManager::of_environment();
  agent::SystemHostClock clock;
  agent::TlsProber prober;
  AgentSignals signals([&manager] {
    manager.stopping();
    manager.more_time(longest_ending);
  });
  while (true) {
    const std::stop_token stop = signals.begin_run();
    agent::Loop loop(loaded->configuration, loaded->authorities,
                     {.files = agent::system_files(),
                      .clock = clock,
                      .prober = prober,
                      .hooks = [](engine::Duration limit) -> std::unique_ptr<agent::HookRunner> {
                        return std::make_unique<agent::SystemHooks>(agent::HookLimits{.time = limit});
                      },
                      .servers = servers_of(loaded->configuration, loaded->authorities, stop),
                      .manager = manager,
                      .tell = tell});
    if (options.once) return exit_of(loop.once(once_patience, stop));
    loop.run(stop);
    if (signals.ended()) return AgentExit::done;
    manager.reloading();
    if (auto again = load(options.config)) {
      loaded = std::move(again);
      tell("the configuration was read again");
    } else {
      tell("the configuration is wrong, so the one before holds:\n" + again.error());
    }
  }
}

}  // namespace csrflow::tools
