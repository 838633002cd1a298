// The program's command line.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tools/commands.hpp"
#include "tools/completion.hpp"
#include "tools/insight_commands.hpp"
#include "tools/job_commands.hpp"
#include "tools/notification_commands.hpp"
#include "tools/past_commands.hpp"
#include "tools/policy_commands.hpp"
#include "tools/shared_options.hpp"
#include "tools/timer_commands.hpp"

namespace {

using namespace csrflow::tools;

constexpr auto footer =
    R"(Exit codes: 0 done; 1 failed; 2 wrong usage; 3 no such request or directory; 5 a view differs from the log,
or versions of a policy from each other; 6 the log could not be written (what was acknowledged is safe).

Examples:
  csrflow serve --data ca --listen 127.0.0.1:6443
  kubectl --kubeconfig ca/admin.kubeconfig get csr
  csrflow history jane --data ca
  csrflow log --data ca --output json | tail -n 3
  csrflow replay --data ca)";

void add_data(CLI::App* command, std::filesystem::path& data) {
  command->add_option("--data", data, "The data directory")
      ->required()
      ->envname("CSRFLOW_DATA")
      ->type_name("DIR");
}

void add_setup(CLI::App* command, ServeOptions& o) {
  add_data(command, o.data);
  command
      ->add_option("--ca-key-passphrase-file", o.ca_key_passphrase_file,
                   "Encrypts the CA's key with the passphrase in FILE (mode 0600)")
      ->type_name("FILE");
  command
      ->add_option("--origin", o.origin,
                   "Name of the log, fixed when it is created (default: csrflow.local/ and a random name)")
      ->type_name("NAME");
  command
      ->add_option("--name", o.names,
                   "A further DNS name or IP address of the server certificate; repeatable")
      ->type_name("NAME");
  command->add_flag("--unsafe-filesystem", o.unsafe_filesystem,
                    "Accept NFS, SMB, 9p or FUSE, where SQLite may corrupt the data");
  command->add_option("--log-level", o.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->type_name("LEVEL");
}

void add_oidc(CLI::App* command, OidcOptions& o) {
  CLI::Option* issuer =
      command->add_option("--oidc-issuer-url", o.issuer_url, "Accept JSON Web Tokens of this issuer (https)")
          ->group("OpenID Connect")
          ->type_name("URL");
  const auto add = [&](const char* name, auto& value, const char* about, const char* type) {
    return command->add_option(name, value, about)->group("OpenID Connect")->type_name(type)->needs(issuer);
  };
  issuer->needs(add("--oidc-client-id", o.client_id, "What the tokens must be for", "TEXT"));
  add("--oidc-username-claim", o.username_claim, "The claim that names the user", "CLAIM")
      ->capture_default_str();
  add("--oidc-username-prefix", o.username_prefix,
      "Before the user's name (default: the issuer and #, nothing for email); - for nothing", "TEXT");
  add("--oidc-groups-claim", o.groups_claim, "The claim that names the groups", "CLAIM");
  add("--oidc-groups-prefix", o.groups_prefix, "Before the groups' names", "TEXT");
  add("--oidc-required-claim", o.required_claims, "A claim that must have a value; repeatable",
      "CLAIM=VALUE");
  add("--oidc-signing-algs", o.signing_algorithms, "Signature algorithms that are accepted", "ALGS")
      ->delimiter(',')
      ->capture_default_str();
  CLI::Option* ca = add("--oidc-ca-file", o.ca_file, "What the issuer's server must chain to (PEM)", "FILE");
  add("--oidc-jwks-file", o.jwks_file,
      "The issuer's keys (JWKS), read again when it changes; else they are asked of the issuer", "FILE")
      ->excludes(ca);
}

void add_serve(CLI::App& app, ServeOptions& o, ExitCode& code) {
  CLI::App* serve_command = app.add_subcommand(
      "serve", "Serve the Kubernetes Certificates API from a data directory; makes one on first start");
  add_setup(serve_command, o);
  serve_command->add_option("--listen", o.listen, "Where to listen; port 0 is any free one")
      ->capture_default_str()
      ->type_name("ADDRESS:PORT");
  serve_command
      ->add_option("--token-auth-file", o.token_auth_file,
                   "Bearer tokens: CSV lines token,user,uid,\"group1,group2\"")
      ->type_name("FILE");
  serve_command
      ->add_option("--signing-duration", o.signing_durations,
                   "The longest lifetime that a signer gives, as kubernetes.io/kubelet-serving=720h (default "
                   "8760h); repeatable")
      ->type_name("SIGNER=DURATION");
  serve_command
      ->add_option(
          "--csr-retention", o.csr_retentions,
          "How long requests stay that are pending, approved, issued, denied or failed; expired=true "
          "for those whose certificate has expired; `kubernetes` for csrcleaner's periods (default: "
          "for ever; history stays in any case); repeatable")
      ->type_name("STATE=DURATION");
  serve_command
      ->add_option("--client-ca-file", o.client_ca_files,
                   "Further CAs whose client certificates are accepted (PEM); repeatable")
      ->type_name("FILE");
  add_oidc(serve_command, o.oidc);
  serve_command->add_flag("--anonymous-auth", o.anonymous_auth,
                          "Requests without credentials are system:anonymous (default true); false: they are "
                          "refused");
  serve_command->add_flag("--node-restriction", o.node_restriction,
                          "A node (system:node:NAME) may ask the kubelet's signers for its own name only");
  serve_command->footer(
      "Example:\n  csrflow serve --data ca --listen 127.0.0.1:6443 --token-auth-file tokens.csv");
  serve_command->callback([&] { code = serve(o); });
}

struct TokenOptions {
  TokenCreateOptions create;
  TokenListOptions list;
  TokenRevokeOptions revoke;
};

void add_token_create(CLI::App* token, TokenCreateOptions& o, ExitCode& code) {
  CLI::App* command = token->add_subcommand("create", "Make a token; it is shown this once");
  CLI::Option* user = command->add_option("--user", o.user, "Whom it names")->type_name("NAME");
  command->add_option("--uid", o.uid, "The user's uid")->type_name("UID");
  command->add_option("--group,--groups", o.groups, "A group of the user; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("GROUP");
  command->add_option("--ttl", o.ttl, "How long it is good, as 24h; 0: it does not expire")
      ->capture_default_str()
      ->type_name("DURATION");
  command->add_option("--description", o.description, "What it is for")->type_name("TEXT");
  command
      ->add_flag("--bootstrap", o.bootstrap,
                 "A bootstrap token for joining nodes, of user system:bootstrap:<id>; its groups begin with "
                 "system:bootstrappers:")
      ->excludes(user);
  command
      ->add_option(
          "--agent", o.agent,
          "For the agent on this host: a single use of at most a day, user csrflow:agent:HOST, group "
          "csrflow:agents, requests named HOST and HOST-* to kubernetes.io/kube-apiserver-client")
      ->excludes(user)
      ->excludes("--bootstrap")
      ->type_name("HOST");
  command->add_flag("--single-use", o.single_use, "It makes one request, and then only shows that one");
  const auto add_bound = [command](const char* option, std::vector<std::string>& list, const char* what) {
    command->add_option(option, list, what)->delimiter(',')->allow_extra_args(false)->type_name("TEXT");
  };
  add_bound("--names", o.names, "Requests that it may make: names with at most one star; default any");
  add_bound("--signer,--signers", o.signers, "Signers of the requests that it may make; default any");
  add_access(command, o.access);
  add_output(command, o.output);
  command->footer(
      "Examples:\n  csrflow token create --data ca --user ci --group builders --ttl 720h\n"
      "  csrflow token create --data ca --bootstrap --groups system:bootstrappers:rack7\n"
      "  csrflow token create --data ca --agent web-1\n"
      "  csrflow token create --data ca --user ci --single-use --names 'ci-*' --signer example.com/web");
  command->callback([&] { code = token_create(o); });
}

void add_token(CLI::App& app, TokenOptions& o, ExitCode& code) {
  CLI::App* token = app.add_subcommand("token", "Bearer tokens of a running server: create, list, revoke");
  token->require_subcommand(1);
  add_token_create(token, o.create, code);

  CLI::App* list = token->add_subcommand("list", "All tokens, without their secrets");
  add_access(list, o.list.access);
  add_output(list, o.list.output);
  list->footer("Example:\n  csrflow token list --data ca");
  list->callback([&] { code = token_list(o.list); });

  CLI::App* revoke = token->add_subcommand("revoke", "From now on the token is no credential");
  revoke->add_option("id", o.revoke.id, "The token's id, as list shows it")->required()->type_name("ID");
  add_access(revoke, o.revoke.access);
  revoke->footer("Example:\n  csrflow token revoke --data ca k3x9q2ab");
  revoke->callback([&] { code = token_revoke(o.revoke); });
}

void add_explain(CLI::App& app, HistoryOptions& o, ExitCode& code) {
  CLI::App* command =
      app.add_subcommand("explain", "Why a request is where it is, and what would have to be otherwise");
  command->add_option("name", o.name, "The request")->required()->type_name("NAME");
  add_data(command, o.data);
  add_output(command, o.output);
  command->footer("Example:\n  csrflow explain web-1 --data ca");
  command->callback([&] { code = explain(o); });
}

struct DecisionCommands {
  DecisionOptions approve, withdraw, confirm;
};

CLI::App* add_decision(CLI::App& app, const char* name, const char* description, DecisionOptions& o) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("name", o.name, "The request")->required()->type_name("NAME");
  add_access(command, o.access);
  add_output(command, o.output);
  return command;
}

void add_decisions(CLI::App& app, DecisionCommands& o, ExitCode& code) {
  CLI::App* approve = add_decision(
      app, "approve",
      "Approve a request against or without the policies' word (else: kubectl certificate approve)",
      o.approve);
  approve->add_flag("--break-glass", o.approve.break_glass, "Yes, override them; it is recorded")->required();
  approve->add_option("--reason", o.approve.message, "Why; recorded")->required()->type_name("TEXT");
  approve->footer("Example:\n  csrflow approve web-1 --break-glass --reason 'the shop is down' --data ca");
  approve->callback([&] { code = approve_by_break_glass(o.approve); });

  CLI::App* withdraw =
      add_decision(app, "withdraw", "Take back one's approval before the decision", o.withdraw);
  withdraw->add_option("--message", o.withdraw.message, "Why; recorded")->type_name("TEXT");
  withdraw->footer("Example:\n  csrflow withdraw web-1 --kubeconfig carol.kubeconfig");
  withdraw->callback([&] { code = csrflow::tools::withdraw(o.withdraw); });

  CLI::App* confirm = add_decision(app, "confirm", "Stand by somebody else's break-glass", o.confirm);
  confirm->add_option("--message", o.confirm.message, "What was found; recorded")->type_name("TEXT");
  confirm->footer(
      "Example:\n  csrflow confirm web-1 --message 'the outage was real' --kubeconfig dave.kubeconfig");
  confirm->callback([&] { code = csrflow::tools::confirm(o.confirm); });
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  CLI::App app("csrflow: the certificate-signing-request engine that forgets nothing");
  app.footer(footer);
  app.require_subcommand(1);
  app.fallthrough(false);
  ExitCode code = ExitCode::done;

  ServeOptions serve_options;
  add_serve(app, serve_options, code);

  ServeOptions init_options;
  CLI::App* init_command =
      app.add_subcommand("init", "Make a data directory (CA, keys, log) without serving");
  add_setup(init_command, init_options);
  init_command->footer("Example:\n  csrflow init --data ca --ca-key-passphrase-file passphrase");
  init_command->callback([&] { code = init(init_options); });

  HistoryOptions history_options;
  CLI::App* history_command =
      app.add_subcommand("history", "Every transition of a request: what, when, who, why");
  history_command->add_option("name", history_options.name, "The request")->required()->type_name("NAME");
  add_data(history_command, history_options.data);
  add_output(history_command, history_options.output);
  history_command->footer("Example:\n  csrflow history jane --data ca --output json");
  history_command->callback([&] { code = history(history_options); });

  LogOptions log_options;
  CLI::App* log_command = app.add_subcommand("log", "The events as they are stored");
  add_data(log_command, log_options.data);
  log_command->add_option("--after", log_options.after, "Only events after this position")
      ->check(CLI::NonNegativeNumber)
      ->type_name("POSITION");
  log_command->add_option("--limit", log_options.limit, "At most so many")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  log_command->add_option("--stream", log_options.stream, "Only this stream, as csr/jane")
      ->type_name("STREAM");
  log_command->add_option("--type", log_options.type, "Only this type, as approved")->type_name("TYPE");
  log_command->add_flag(
      "--break-glass", log_options.break_glass,
      "Approvals by break-glass only: who, why, what was overridden, and whether confirmed");
  add_output(log_command, log_options.output);
  log_command->footer("Example:\n  csrflow log --data ca --type denied");
  log_command->callback([&] { code = log(log_options); });

  ReplayOptions replay_options;
  CLI::App* replay_command = app.add_subcommand(
      "replay", "Fold the whole log again and compare it with the live views; changes nothing");
  add_data(replay_command, replay_options.data);
  add_output(replay_command, replay_options.output);
  replay_command->footer("Example:\n  csrflow replay --data ca && echo sound");
  replay_command->callback([&] { code = replay(replay_options); });

  HistoryOptions explain_options;
  add_explain(app, explain_options, code);

  DecisionCommands decision_options;
  add_decisions(app, decision_options, code);

  TokenOptions token_options;
  add_token(app, token_options, code);

  PolicyOptions policy_options;
  add_policy(app, policy_options, code);
  PastOptions past_options;
  add_past(app, past_options, code);

  InsightOptions insight_options;
  add_insight(app, insight_options, code);

  TimerOptions timer_options;
  add_timers(app, timer_options, code);

  JobCommands job_options;
  add_jobs(app, job_options, code);

  NotificationOptions notification_options;
  add_notifications(app, notification_options, code);

  Output version_output = Output::table;
  CLI::App* version_command = app.add_subcommand("version", "Versions of csrflow and of what it is built on");
  add_output(version_command, version_output);
  version_command->callback([&] { code = version(version_output); });

  std::string shell;
  CLI::App* completion_command = app.add_subcommand("completion", "A completion script for your shell");
  completion_command->add_option("shell", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion_command->footer("Example:\n  source <(csrflow completion bash)");
  completion_command->callback([&] { std::cout << completion_script(shell, commands_of(app)); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  } catch (const std::exception& e) {
    std::cerr << "csrflow: " << e.what() << '\n';
    return static_cast<int>(ExitCode::failed);
  }
  return static_cast<int>(code);
}
