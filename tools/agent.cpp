// csrflow-agent's command line.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tools/agent_commands.hpp"
#include "tools/completion.hpp"
#include "tools/shared_options.hpp"

namespace {

using namespace csrflow::tools;

constexpr auto program = "csrflow-agent";
constexpr auto footer =
    R"(Exit codes: 0 done, or nothing was to be done; 1 failed, and every certificate is still good; 2 failed, and
little of a certificate's life is left; 3 a certificate has expired or is missing; 64 wrong usage.

Examples:
  csrflow-agent check --config /etc/csrflow-agent/agent.yaml
  csrflow-agent run --config /etc/csrflow-agent/agent.yaml
  csrflow-agent run --once
  csrflow-agent status -o json
  csrflow-agent get --server https://ca.example.com:6443 --ca ca.crt --token-file token \
    --signer example.com/web --name web-1 --dns web-1.example.com --out tls)";

void add_config(CLI::App* command, std::filesystem::path& config) {
  command->add_option("--config", config, "The configuration")
      ->capture_default_str()
      ->envname("CSRFLOW_AGENT_CONFIG")
      ->type_name("FILE");
}

void add_run(CLI::App& app, AgentRunOptions& o, AgentExit& code) {
  CLI::App* command = app.add_subcommand(
      "run",
      "Keep the certificates of this host until told to end (SIGTERM); SIGHUP reads the configuration again");
  add_config(command, o.config);
  command->add_flag("--once", o.once, "Do what is to be done now, and end: for timers");
  command->footer("Example:\n  csrflow-agent run --config /etc/csrflow-agent/agent.yaml");
  command->callback([&] { code = agent_run(o); });
}

void add_check(CLI::App& app, AgentRunOptions& o, AgentExit& code) {
  CLI::App* command = app.add_subcommand("check", "Say everything that is wrong with the configuration");
  add_config(command, o.config);
  command->footer("Example:\n  csrflow-agent check --config agent.yaml");
  command->callback([&] { code = agent_check(o); });
}

void add_status(CLI::App& app, AgentStatusOptions& o, AgentExit& code) {
  CLI::App* command = app.add_subcommand("status", "The certificates of this host, from its files alone");
  add_config(command, o.config);
  add_output(command, o.output);
  command->footer("Example:\n  csrflow-agent status -o json");
  command->callback([&] { code = agent_status(o); });
}

void add_get_names(CLI::App* command, AgentGetOptions& o) {
  command->add_option("--dns", o.dns, "A DNS name; repeatable")->allow_extra_args(false)->type_name("NAME");
  command->add_option("--ip", o.ip, "An IP address; repeatable")
      ->allow_extra_args(false)
      ->type_name("ADDRESS");
  command->add_option("--common-name", o.common_name, "The subject's common name")->type_name("TEXT");
  command->add_option("--organization", o.organizations, "The subject's organization; repeatable")
      ->allow_extra_args(false)
      ->type_name("TEXT");
  command->add_option("--usages", o.usages, "Key usages, as Kubernetes names them")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str()
      ->type_name("USAGE,…");
  command->add_option("--key", o.key, "P-256, P-384, RSA-2048, RSA-3072, RSA-4096 or Ed25519")
      ->capture_default_str()
      ->type_name("KIND");
  command->add_option("--lifetime", o.lifetime, "For how long, as 24h (default: the signer's)")
      ->type_name("DURATION");
}

void add_get(CLI::App& app, AgentGetOptions& o, AgentExit& code) {
  CLI::App* command = app.add_subcommand("get", "One certificate, once: key.pem, cert.pem and ca.pem");
  command->add_option("--server", o.server, "Where the server is")->required()->type_name("URL");
  command->add_option("--ca", o.ca_files, "What the server's certificate must lead to (PEM); repeatable")
      ->required()
      ->allow_extra_args(false)
      ->type_name("FILE");
  command->add_option("--token-file", o.token_file, "The token to ask with")->required()->type_name("FILE");
  command->add_option("--signer", o.signer, "Who is to sign")->required()->type_name("NAME");
  command->add_option("--name", o.name, "What the request's name begins with")->required()->type_name("NAME");
  add_get_names(command, o);
  command->add_option("--out", o.out, "The folder to write to; a key that is there is used again")
      ->type_name("DIR");
  command->add_flag("--stdout", o.to_stdout, "Print key, chain and authorities instead (PEM)");
  command->add_option("--wait", o.wait, "How long to wait for the certificate")
      ->capture_default_str()
      ->type_name("DURATION");
  command->footer(
      "Example:\n  csrflow-agent get --server https://ca.example.com:6443 --ca ca.crt --token-file token \\\n"
      "    --signer example.com/web --name web-1 --dns web-1.example.com --out tls --wait 10m");
  command->callback([&] { code = agent_get(o); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Keeps the certificates of a host: asks for them, installs them, and replaces them in time",
               program);
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("csrflow-agent ") + CSRFLOW_VERSION);
  app.footer(footer);
  AgentExit code = AgentExit::done;

  AgentRunOptions run_options, check_options;
  AgentStatusOptions status_options;
  AgentGetOptions get_options;
  add_run(app, run_options, code);
  add_check(app, check_options, code);
  add_status(app, status_options, code);
  add_get(app, get_options, code);

  std::string shell;
  CLI::App* completion = app.add_subcommand("completion", "A completion script for your shell");
  completion->add_option("shell", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer("Example:\n  source <(csrflow-agent completion bash)");
  completion->callback([&] { std::cout << completion_script(shell, commands_of(app), program); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(AgentExit::usage);
  } catch (const std::exception& e) {
    std::cerr << program << ": " << e.what() << '\n';
    return static_cast<int>(AgentExit::failed);
  }
  return static_cast<int>(code);
}
