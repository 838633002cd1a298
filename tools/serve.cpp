// Everything is made here, top to bottom in the order of the dependencies: to read it is to read the
// architecture.
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>

#include "api/aggregation.hpp"
#include "api/api.hpp"
#include "api/bootstrap.hpp"
#include "api/escalation.hpp"
#include "api/http_server.hpp"
#include "api/node_approver.hpp"
#include "api/own_admission.hpp"
#include "api/presenter.hpp"
#include "api/resource.hpp"
#include "engine/cleaner.hpp"
#include "engine/job_runner.hpp"
#include "engine/scheduler.hpp"
#include "metrics/metered.hpp"
#include "metrics/page.hpp"
#include "notify/delivery_pool.hpp"
#include "notify/messenger.hpp"
#include "signer/built_in_signers.hpp"
#include "signer/inspector.hpp"
#include "signer/issuer.hpp"
#include "signer/keys.hpp"
#include "signer/random.hpp"
#include "signer/served_names.hpp"
#include "signer/signer_name.hpp"
#include "signer/signing_pool.hpp"
#include "store/candidate_source.hpp"
#include "store/event_log.hpp"
#include "store/forecast_source.hpp"
#include "store/job_source.hpp"
#include "store/projector.hpp"
#include "store/sha256.hpp"
#include "store/timer_source.hpp"
#include "tools/commands.hpp"
#include "tools/decision_rules.hpp"
#include "tools/descriptor_limit.hpp"
#include "tools/establish.hpp"
#include "tools/kubeconfig.hpp"
#include "tools/listen_address.hpp"
#include "tools/logging.hpp"
#include "tools/metrics_page.hpp"
#include "tools/oidc_options.hpp"
#include "tools/own_certificates.hpp"
#include "tools/policy_advice.hpp"
#include "tools/progress.hpp"
#include "tools/retention_option.hpp"
#include "tools/rules_at.hpp"
#include "tools/system_clock.hpp"

namespace csrflow::tools {
namespace {

constexpr std::chrono::seconds farewell{5};

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw SetupError(path.string() + " cannot be read");
  return std::move(text).str();
}

signer::SigningDurations signing_durations(const std::vector<std::string>& options) {
  signer::SigningDurations durations;
  for (const std::string& option : options) {
    std::size_t equals = option.find('=');
    if (equals == std::string::npos)
      throw SetupError("--signing-duration " + option +
                       ": write SIGNER=DURATION, as kubernetes.io/kubelet-serving=720h");
    engine::SignerName signer{option.substr(0, equals)};
    if (!signer::built_in_profile(signer))
      throw SetupError("--signing-duration " + option + ": no signer of this name is served here");
    auto duration = signer::parse_duration(option.substr(equals + 1));
    if (!duration) throw SetupError("--signing-duration " + option + ": " + duration.error());
    durations.by_signer[signer] = *duration;
  }
  return durations;
}

/// The key that is kept for one of csrflow's own certificates.
signer::KeyPtr own_key(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) signer::save_private_key(path, *signer::generate_p256());
  return signer::load_private_key(path);
}

std::vector<std::string> server_names(const ListenAddress& listen, const std::vector<std::string>& further) {
  std::vector<std::string> names{"127.0.0.1", "::1", "localhost"};
  auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) == 0) add(host);
  if (!listen.any_address()) add(listen.address);
  for (const std::string& name : further) add(name);
  return names;
}

std::shared_ptr<const api::TokenFile> token_file(const std::optional<std::filesystem::path>& path) {
  if (!path) return nullptr;
  auto tokens = api::TokenFile::parse(file_text(*path));
  if (!tokens) throw SetupError(path->string() + ": " + tokens.error());
  return *tokens;
}

Level told(api::LogLevel level) {
  switch (level) {
    case api::LogLevel::info:
      return Level::info;
    case api::LogLevel::warning:
      return Level::warning;
    case api::LogLevel::error:
      return Level::error;
  }
  return Level::error;
}

/// recorded_at of the log's last event.
engine::Timestamp last_recorded(engine::EventReader& log) {
  const engine::Position head = log.head();
  if (head == engine::Position{}) return {};
  const auto last = log.after({head.value - 1}, 1);
  return last.empty() ? engine::Timestamp{} : last.front().recorded_at;
}

/// As many connections as the system has descriptors for; of which no address gets more than a quarter.
api::HttpLimits connection_limits() {
  api::HttpLimits limits;
  limits.connections = make_room_for_connections(limits.connections);
  limits.connections_per_peer = std::min(limits.connections_per_peer, (limits.connections + 3) / 4);
  return limits;
}

/// What requests are counted by.
std::vector<std::string> metered_resources() {
  std::vector<std::string> names{"forecast", "jobs", "tokens"};
  for (const api::Resource* resource : api::resources()) names.push_back(resource->plural);
  return names;
}

/// SIGTERM and SIGINT, taken by one thread that waits for them.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  /// Until one comes, from outside or by raise().
  void wait() {
    int which = 0;
    sigwait(&set_, &which);
  }
  static void raise() { ::kill(::getpid(), SIGTERM); }

 private:
  sigset_t set_{};
};

/// The office: the log, the CA, the writer and its followers; no socket yet.
class Office {
 public:
  Office(const ServeOptions& options, const ListenAddress& listen)
      : options_(options),
        directory_(options.data, {.create = true, .allow_unsafe_filesystem = options.unsafe_filesystem}),
        keys_{directory_.files().directory},
        log_(directory_, {.on_disk_failure = [this](const std::string& why) { fail(why); }}),
        established_(establish(log_, keys_, clock_, random_, options)),
        server_key_(own_key(keys_.server_key())),
        admin_key_(own_key(keys_.admin_key())),
        names_(server_names(listen, options.names)),
        retention_(retention_of(options.csr_retentions)),
        signers_(*log_.reader()),
        issuer_(established_.authority, signing_durations(options.signing_durations),
                {.server_spki = signer::spki_of(*server_key_),
                 .admin_spki = signer::spki_of(*admin_key_),
                 .server_names = names_},
                signers_),
        catching_up_("building the views"),
        views_(directory_.files(), log_, presenter_, store::sha256,
               {.maker = program_name(),
                .catching_up = [this](auto done, auto total) { catching_up_.show(done.value, total.value); },
                .moved_on = {},
                .failed =
                    [](const std::string& why) {
                      tell(Level::error, "the views have failed, restart to rebuild them: " + why);
                    },
                .requests = request_forms(),
                .rules = rules_at(log_)}),
        metered_key_(*established_.key, meters_.signatures, meters_.signature_failures),
        pool_(
            metered_key_,
            [this](std::vector<engine::Submission> results) { writer_->submit(std::move(results)); },
            [](const std::string& why) { tell(Level::warning, why); }),
        api_followers_(views_, log_, clock_),
        node_approver_(
            views_, log_, issuer_, inspector_, clock_,
            [this](engine::Submission approval) { writer_->submit(std::move(approval)); },
            [](const std::string& why) { tell(Level::warning, why); }),
        role_book_(views_),
        aggregator_(role_book_, *log_.reader(),
                    [this](std::vector<engine::Submission> wanted) { writer_->submit(std::move(wanted)); }),
        rules_(
            directory_.files(), log_, views_, signers_,
            {established_.authority.spki, signer::spki_of(*server_key_), signer::spki_of(*admin_key_)},
            role_book_, [this](engine::Submission question) { writer_->submit(std::move(question)); },
            [](const std::string& why) { tell(Level::warning, why); }),
        deliveries_(
            messenger_, store::sha256,
            {.find_sink = [this](const std::string& sink) { return rules_.sinks().destination_of(sink); },
             .submit =
                 [this](std::vector<engine::Submission> results) { writer_->submit(std::move(results)); },
             .complain = [](const std::string& why) { tell(Level::warning, why); }}),
        writer_(std::make_unique<engine::Writer>(
            metered_log_, clock_, random_, issuer_, program_name(), followers(),
            [this](const std::string& why) { fail(why); }, store::sha256, engine::WriterLimits{},
            rules_.decided_by())) {
    catching_up_.end();
    if (log_.found_unclean())
      tell(Level::info, "the last run did not end cleanly; the log was checked and is whole");
    if (!views_.rebuilt_because().empty())
      tell(Level::info, "the views were rebuilt: " + views_.rebuilt_because());
    auto reader = log_.reader();
    own_.ensure(
        *reader, *writer_, clock_, [this](engine::SigningTask task) { pool_.resume(std::move(task)); },
        [this](const std::string& name, const engine::Bytes& pem) {
          if (name == "admin") return signer::certifies_key(pem, *admin_key_);
          return signer::certifies_key(pem, *server_key_) && signer::serves_names(pem, names_);
        });
    if (auto done = api::ensure_bootstrap_roles(*reader, *writer_, random_); !done)
      throw engine::LogFailure(done.error().message, false);
    publish_signers(*reader);
  }

  ~Office() { stop(); }

  /// Nothing is decided afterwards: what the commands ask, as their authorizer, may go. Also twice.
  void stop() {
    node_approver_.stop();
    rules_.stop();
    if (cleaner_) cleaner_->stop();
    if (job_runner_) job_runner_->stop();
    if (scheduler_) scheduler_->stop();
    deliveries_.stop();
    pool_.stop();
    writer_->stop();
  }

  /// In the order in which they hear of a commit: the views first, since everybody else may ask them.
  std::vector<engine::Follower*> followers() {
    std::vector<engine::Follower*> all{&views_, &own_, &pool_, &role_book_, &aggregator_, &signers_};
    std::ranges::copy(rules_.followers(), std::back_inserter(all));
    std::ranges::copy(api_followers_.all(), std::back_inserter(all));
    all.push_back(&node_approver_);
    all.push_back(&commits_);
    all.push_back(&meters_.events);
    return all;
  }

  void start_cleaner() {
    cleaner_ = std::make_unique<engine::Cleaner>(views_, log_, *writer_, clock_, store::sha256, retention_,
                                                 [](const std::string& why) { tell(Level::warning, why); });
    cleaner_->start();
  }

  void start_jobs() {
    job_runner_ = std::make_unique<engine::JobRunner>(
        std::make_unique<store::SqliteJobSource>(directory_.files(), views_), *writer_, clock_, store::sha256,
        engine::MassSigner{}.cap, [](const std::string& why) { tell(Level::warning, why); });
    job_runner_->start();
  }

  void start_scheduler() {
    scheduler_ = std::make_unique<engine::Scheduler>(
        std::make_unique<store::SqliteTimerSource>(directory_.files(), views_, log_.reader()), *writer_,
        clock_, store::sha256,
        engine::Scheduler::Workers{
            .sign = [this](engine::SigningTask task) { pool_.resume(std::move(task)); },
            .deliver = [this](engine::DeliveryTask task) { deliveries_.deliver(std::move(task)); }},
        [](const std::string& why) { tell(Level::warning, why); },
        engine::Surroundings{.monotonic = monotonic_clock,
                             .synchronised = kernel_clock_is_synchronised,
                             .rules = rules_.decided_by().rules,
                             .commits = &commits_});
    scheduler_->start();
  }

  /// What the built-in signers do, and what to trust of them.
  void publish_signers(engine::EventReader& reader) {
    std::vector<engine::SignerName> signers;
    engine::StringMap specs;
    for (const signer::BuiltInSigner& one :
         signer::built_in_signers(signing_durations(options_.signing_durations))) {
      signers.push_back(one.name);
      specs[signer::object_name_of(one.name)] = one.spec_json;
    }
    if (auto done = api::ensure_signers(reader, *writer_, random_, specs); !done)
      throw engine::LogFailure(done.error().message, false);
    const std::array certificates{std::string(established_.authority.pem)};
    if (auto done = api::ensure_trust_bundles(reader, *writer_, random_, signers, certificates); !done)
      throw engine::LogFailure(done.error().message, false);
  }

  /// For clients: what to trust, and the administrator's way in.
  void write_client_files(const std::string& url) {
    store::write_file_atomically(keys_.ca_certificate(), established_.authority.pem, 0644);
    store::write_file_atomically(
        keys_.kubeconfig(),
        kubeconfig(url, established_.authority.pem, own_.admin(), file_text(keys_.admin_key())), 0600);
  }

  void fail(const std::string& why) {
    if (failed_.exchange(true)) return;
    tell(Level::error, "the log has failed and nothing more is written: " + why);
    Signals::raise();
  }
  bool failed() const { return failed_; }

  const ServeOptions& options_;
  std::atomic<bool> failed_ = false;
  SystemClock clock_;
  signer::SystemRandom random_;
  signer::OpenSslInspector inspector_;
  store::DataDirectory directory_;
  KeyFiles keys_;
  metrics::Meters meters_{metered_resources()};
  store::SqliteEventLog log_;
  metrics::MeteredLog metered_log_{log_, meters_.commits};
  Established established_;
  signer::KeyPtr server_key_, admin_key_;
  std::vector<std::string> names_;
  engine::Retention retention_;
  signer::SignerBook signers_;
  signer::Issuer issuer_;
  api::Presenter presenter_;
  Progress catching_up_;
  store::Projector views_;
  OwnCertificatesInUse own_;
  metrics::MeteredSigner metered_key_;
  signer::SigningPool pool_;
  api::ApiFollowers api_followers_;
  api::NodeApprover node_approver_;
  api::RoleBook role_book_;
  api::Aggregator aggregator_;
  DecisionRules rules_;
  notify::SystemMessenger messenger_{clock_, [](const std::string& why) { tell(Level::warning, why); }};
  notify::DeliveryPool deliveries_;
  engine::CommitWatch commits_{last_recorded(*log_.reader())};
  std::unique_ptr<engine::Writer> writer_;
  std::unique_ptr<engine::Scheduler> scheduler_;
  std::unique_ptr<engine::Cleaner> cleaner_;
  std::unique_ptr<engine::JobRunner> job_runner_;
};

}  // namespace

ExitCode init(const ServeOptions& options) {
  start_logging(options.log_level);
  Signals signals;
  signer::forbid_memory_dumps();
  Office office(options, ListenAddress{"127.0.0.1", 0});
  store::write_file_atomically(office.keys_.ca_certificate(), office.established_.authority.pem, 0644);
  std::cout << "made " << options.data.string() << ": CA " << office.established_.authority.ski
            << ", valid until " << engine::rfc3339_seconds(office.established_.authority.not_after)
            << "\nnext: csrflow serve --data " << options.data.string() << '\n';
  return ExitCode::done;
}

ExitCode serve(const ServeOptions& options) {
  start_logging(options.log_level);
  auto listen = parse_listen_address(options.listen);
  if (!listen) throw SetupError(listen.error());
  Signals signals;
  signer::forbid_memory_dumps();
  Office office(options, *listen);

  const std::string& ca = office.established_.authority.pem;
  std::string client_cas = ca;
  for (const std::string& file : options.client_ca_files) client_cas += file_text(file);
  auto certificates = std::make_shared<const api::ClientCertificates>(client_cas, office.clock_);
  // Not owned: the office lives longer.
  const std::shared_ptr<const api::BearerTokens> own_tokens(std::shared_ptr<void>(),
                                                            &office.api_followers_.tokens);
  const auto oidc = oidc_tokens(options.oidc, office.clock_, [](const std::string& why) {
    tell(Level::warning, "OpenID Connect: " + why);
  });
  api::Authenticators authenticator(
      certificates, token_file(options.token_auth_file), {own_tokens, oidc},
      options.anonymous_auth ? api::Anonymous::allowed : api::Anonymous::refused);
  const api::Authorizer& authorizer = office.rules_.authorizer();
  const api::EscalationGuard escalation_guard(authorizer);
  const api::OwnKindsAdmission own_admission(
      authorizer, {.approval_policies = [&] { return office.rules_.policies().current()->policies().size(); },
                   .rotation_policies = [&] { return office.rules_.rotation().size(); },
                   .notification_sinks = [&] { return office.rules_.sinks().size(); }});
  const api::Admissions admissions({&escalation_guard, &own_admission});
  const PolicyAdvice advice(office.directory_.files(), office.log_, office.rules_.policies(), office.signers_,
                            office.clock_);
  MetricsPage metrics_page(office.meters_, office.directory_.files(), *office.writer_, office.views_,
                           office.clock_, office.established_.authority.not_after);
  engine::JobDesk jobs(
      std::make_unique<store::SqliteCandidateSource>(office.directory_.files(), office.views_),
      std::make_unique<store::SqliteJobSource>(office.directory_.files(), office.views_),
      {.writer = *office.writer_,
       .clock = office.clock_,
       .hash = store::sha256,
       .signer = {.cap = engine::MassSigner{}.cap, .ends = office.established_.authority.not_after}});
  std::atomic<bool> stopping = false;
  api::Api api(
      {.writer = *office.writer_,
       .views = office.views_,
       .log = office.log_,
       .issuer = office.issuer_,
       .pkix = office.inspector_,
       .clock = office.clock_,
       .random = office.random_,
       .authenticator = authenticator,
       .authorizer = authorizer,
       .followers = office.api_followers_,
       .address = options.listen,
       .ready = [&] { return !stopping && !office.failed() && !office.views_.failure(); },
       .log_line = [](api::LogLevel level, const std::string& line) { tell(told(level), line); },
       .limits = {},
       .config_admission = &admissions,
       .config_advice = &advice,
       .request_checks = &office.rules_.checks(),
       .node_restriction = options.node_restriction,
       .meter = &office.meters_.http,
       .metrics_page = [&](const metrics::RequestsNow& requests) { return metrics_page.text(requests); },
       .forecast =
           [&](unsigned days) {
             return engine::forecast_json(
                 store::read_forecast(office.directory_.files(), office.clock_.now(), days));
           },
       .jobs = &jobs,
       .try_sink =
           [&](const std::string& sink, engine::Notification notification, notify::DeliveryPool::Told told) {
             office.deliveries_.try_out(sink, std::move(notification), std::move(told));
           }});
  std::string server_key = file_text(office.keys_.server_key());
  api::HttpServer server({.address = listen->address,
                          .port = listen->port,
                          .threads = 2,
                          .certificate = office.own_.server(),
                          .key = server_key,
                          .client_cas = client_cas,
                          .limits = connection_limits(),
                          .on_error = [](const std::string& why) { tell(Level::debug, why); }},
                         [&](std::shared_ptr<api::Exchange> exchange) { api.handle(std::move(exchange)); });
  const std::string url = listen->url(server.port());
  office.write_client_files(url);
  office.own_.on_change([&](const std::string& which) {
    tell(Level::info, "csrflow's own " + which + " certificate was renewed");
    server.set_certificate(office.own_.server(), server_key);
    office.write_client_files(url);
  });
  office.start_scheduler();
  office.start_jobs();
  office.start_cleaner();
  office.rules_.start();
  office.node_approver_.start(authorizer);
  std::cout << "ready " << url << std::endl;

  signals.wait();
  stopping = true;
  office.node_approver_.stop();
  tell(Level::info, "stopping");
  office.own_.on_change(nullptr);
  office.api_followers_.watches.stop();
  if (oidc) oidc->stop();
  server.stop(farewell);
  office.stop();
  return office.failed() ? ExitCode::log_failed : ExitCode::done;
}

}  // namespace csrflow::tools
