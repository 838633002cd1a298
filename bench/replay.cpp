// Past requests under other policies: decisions a second, beside SQLite's scan of the same rows; and what it
// costs to keep the past. README.md says what the figures mean.
#include "policies/replay.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <thread>

#include "bench/figures.hpp"
#include "bench/fresh_directory.hpp"
#include "engine/recent_requests.hpp"
#include "engine/streams.hpp"
#include "policies/document.hpp"
#include "policies/fact_finder.hpp"
#include "store/migrations.hpp"
#include "store/past_projection.hpp"
#include "store/past_source.hpp"
#include "store/request_history.hpp"
#include "store/sha256.hpp"
#include "store/sqlite.hpp"
#include "store/views.hpp"

namespace {

using namespace csrflow;
using namespace csrflow::bench;

constexpr std::uint64_t most_requests = 100'000'000;
constexpr unsigned users = 5'000;
constexpr std::size_t events_a_transaction = 2'048;
constexpr std::size_t rows_a_scan = 4'096;
constexpr unsigned questions = 20'000;
const engine::Timestamp first_day = engine::from_seconds(1'790'000'000);

// What the team of a shop asks: most of it its own names, now and then a wildcard or a foreign name.
constexpr auto then = R"(apiVersion: csrflow.io/v1
kind: ApprovalPolicy
metadata: { name: web-servers }
spec:
  match: { signerNames: [example.com/web], requesters: { groups: [web-team] } }
  require:
    subject: { commonName: { values: ["*.shop.example.com"], match: dns, max: 1 } }
    names:
      dns: { allowed: ["*.shop.example.com"], wildcards: true, min: 1, max: 20 }
      ip: { allowed: ["10.0.0.0/8", "2001:db8::/32"] }
      commonNameInSAN: true
    usages: { allowed: [digital signature, key encipherment, server auth], required: [server auth] }
    key: { algorithms: [RSA, ECDSA, Ed25519], minRSA: 2048, curves: [P-256, P-384] }
    lifetime: { min: 10m, max: 90d }
  outcome: approve
---
apiVersion: csrflow.io/v1
kind: ApprovalPolicy
metadata: { name: no-wildcards }
spec:
  match: { requesters: { notGroups: [edge-team] } }
  require: { names: { dns: { wildcards: false }, unlisted: any } }
  outcome: next
  otherwise: deny
)";
constexpr auto rates = "    rate: { perRequester: 20/h, perName: 5/d }\n";
constexpr auto reuse = ", notReusedBy: others }";

bool is_wildcard(std::uint64_t n) {
  return n % 50 == 0;
}
bool is_foreign(std::uint64_t n) {
  return n % 20 == 0;
}

/// The number of a request is its request.
struct NumberedRequests final : engine::RequestReader {
  std::expected<engine::RequestDescription, std::string> describe(
      const engine::Bytes& number) const override {
    const std::uint64_t n = std::strtoull(number.c_str(), nullptr, 10);
    engine::RequestDescription d;
    const std::string host =
        (is_wildcard(n) ? "*" : "host-" + std::to_string(n % 200'000)) + ".shop.example.com";
    d.subject.push_back({"2.5.4.3", host});
    d.names.push_back({"dns", host});
    d.names.push_back({"dns", "www-" + std::to_string(n % 200'000) +
                                  (is_foreign(n) ? ".example.org" : ".shop.example.com")});
    d.extensions = {"2.5.29.17"};
    const engine::Sha256 spki = store::sha256(number);
    d.key = {"ECDSA", 256, "P-256",
             engine::to_hex({reinterpret_cast<const char*>(spki.data()), spki.size()})};
    return d;
  }
};

engine::Created request(std::uint64_t n) {
  engine::CsrSpec spec;
  spec.request = std::to_string(n);
  spec.signer_name = {"example.com/web"};
  spec.expiration_seconds = n % 30 == 0 ? 80 * 86'400 : 30 * 86'400;
  spec.usages = {"digital signature", "server auth"};
  spec.username = "user-" + std::to_string(n % users);
  spec.groups = {"web-team", "system:authenticated"};
  engine::Created created;
  created.object.meta.name = "web-" + std::to_string(n);
  created.object.meta.uid = {"5b5c2a0a-0000-4000-8000-" + std::to_string(100'000'000'000 + n)};
  created.lifetime = engine::seconds(*spec.expiration_seconds);
  created.object.spec = std::make_shared<const engine::CsrSpec>(std::move(spec));
  created.authenticated_by = engine::Authentication::token;
  return created;
}

/// As these policies decide it, and people where they do not.
engine::CsrEvent decision(std::uint64_t n, const engine::Created& created,
                          const std::vector<policies::PolicyPtr>& policies) {
  const auto judged = [](const policies::PolicyPtr& policy, const char* rule) {
    return engine::Judged{{policy->name, policy->hash, rule}, {}, {}};
  };
  const engine::Uid& uid = created.object.meta.uid;
  if (is_wildcard(n))
    return engine::Denied{uid,
                          "PolicyDenied",
                          "denied by policy no-wildcards",
                          {},
                          judged(policies.at(1), "names.dns.wildcards")};
  engine::Approved approved;
  approved.uid = uid;
  if (is_foreign(n)) return approved;
  approved.reason = "PolicyApproved";
  approved.message = "approved by policy web-servers";
  approved.judged = judged(policies.at(0), "");
  return approved;
}

std::vector<policies::PolicyPtr> documents(const std::string& yaml) {
  auto file = policies::read_policy_yaml(yaml);
  if (!file.problems.empty()) throw std::runtime_error(policies::sentence(file.problems.front()));
  return file.policies;
}

struct NoViews final : engine::ObjectViews {
  engine::Position reached;
  engine::Position position() const override { return reached; }
  void when_reached(engine::Position, std::move_only_function<void()> call) override { call(); }
  std::optional<engine::ObjectRow> get(const std::string&, const std::string&) override { return {}; }
  engine::ObjectList list(const engine::ListQuery&) override { return {}; }
};

class Replaying {
 public:
  Replaying(std::uint64_t requests, unsigned threads, const std::filesystem::path& parent)
      : requests_(requests), threads_(threads), directory_(parent), files_{directory_.path()} {}

  void run() {
    keep_the_past();
    scan();
    ask();
    const std::string before(then);
    const auto with = [&](const char* what, const std::string& instead) {
      std::string yaml = before;
      return yaml.replace(yaml.find(what), std::string(what).size(), instead);
    };
    replay("names, key, lifetime", with("max: 90d", "max: 47d"));
    std::string counted =
        with("curves: [P-256, P-384] }\n", std::string("curves: [P-256, P-384]") + reuse + '\n' + rates);
    replay("and rates, key reuse", counted);
  }

 private:
  /// As the projector does it, without the objects' rows.
  void keep_the_past() {
    auto db = store::open_connection(files_.views(), store::Access::create);
    store::set_up_writer(*db, store::Durability::off);
    store::create_schema(*db, store::views_application_id, store::view_migrations);
    const auto policies = documents(then);
    const auto initial = std::make_shared<const engine::State>(engine::CsrState());
    const auto person = std::make_shared<const engine::Context>(engine::Context{.actor = {}});
    const auto csrflow = std::make_shared<const engine::Context>(
        engine::Context{.actor = engine::system_actor("policy:web-servers")});
    store::PastProjection projection(*db, store::sha256, forms_);
    Clock::duration taken{};
    engine::Position position;
    for (std::uint64_t n = 1; n <= requests_;) {
      std::vector<engine::Record> batch;
      for (; n <= requests_ && batch.size() < events_a_transaction; ++n) {
        const engine::Created created = request(n);
        const engine::Timestamp at{first_day.microseconds + static_cast<std::int64_t>(n) * 5'000'000};
        const engine::StreamId stream = engine::csr_stream(created.object.meta.name);
        batch.push_back(engine::make_record({{++position.value}, stream, {1}, at, {}}, person,
                                            engine::CsrEvent(created), initial));
        const bool person_decides = is_foreign(n) && !is_wildcard(n);
        batch.push_back(engine::make_record({{++position.value}, stream, {2}, at, {}},
                                            person_decides ? person : csrflow, decision(n, created, policies),
                                            batch.back().after));
      }
      const auto begun = Clock::now();
      store::WriteTransaction transaction(*db);
      for (const auto& record : batch) projection.apply(record);
      transaction.commit();
      taken += Clock::now() - begun;
    }
    db->exec("UPDATE reached SET position = " + std::to_string(position.value) + ", maker = '" +
             store::maker_text("bench", true) + '\'');
    store::checkpoint(*db, store::Checkpoint::truncate);
    head_ = position;
    std::printf("%llu requests, each with its decision: kept in %.1f s, %.1f µs a request, %ju bytes\n",
                static_cast<unsigned long long>(requests_), Seconds(taken).count(),
                Microseconds(taken).count() / static_cast<double>(requests_),
                static_cast<std::uintmax_t>(std::filesystem::file_size(files_.views()) / requests_));
  }

  /// The least that reading them can take: every row, one thread.
  void scan() {
    auto db = store::open_connection(files_.views(), store::Access::read);
    SQLite::Statement rows(*db, "SELECT position, request, recorded_at, data FROM past");
    std::uint64_t count = 0, bytes = 0;
    const auto begun = Clock::now();
    while (rows.executeStep()) {
      ++count;
      bytes += static_cast<std::uint64_t>(rows.getColumn(3).getBytes());
    }
    const double seconds = Seconds(Clock::now() - begun).count();
    scan_ = static_cast<double>(requests_) / seconds;
    std::printf("SQLite scans the %llu rows in %.2f s: %.0f requests a second, one thread\n",
                static_cast<unsigned long long>(count), seconds, scan_);
    if (bytes == 0) throw std::runtime_error("nothing was kept");
  }

  /// What a rate and a key cost on the writer's thread.
  void ask() {
    NoViews views;
    views.reached = head_;
    const store::SqliteRequestHistory history(files_, views, store::sha256, forms_);
    std::uint64_t found = 0;
    const auto begun = Clock::now();
    for (unsigned i = 0; i < questions; ++i)
      found += history.count(
          {engine::RequestGroup::Kind::requester, "example.com/web", "user-" + std::to_string(i % users)},
          {engine::everything, first_day, {INT64_MAX}});
    const auto counted = Clock::now();
    for (unsigned i = 0; i < questions; ++i) {
      const auto description = reader_.describe(std::to_string(1 + i * (requests_ / questions)));
      found += history.key_uses(description->key.spki_sha256, engine::everything).size();
    }
    const auto end = Clock::now();
    std::printf("a count takes %.1f µs, a key's uses %.1f µs\n",
                Microseconds(counted - begun).count() / questions,
                Microseconds(end - counted).count() / questions);
    if (found == 0) throw std::runtime_error("nothing was found");
  }

  void replay(const char* what, const std::string& yaml) {
    store::SqlitePastSource source(files_);
    std::vector<policies::PolicyChange> changes;
    for (const auto& policy : documents(then)) changes.push_back({{}, first_day, policy->name, policy});
    policies::ReplayOptions options;
    options.policies = documents(yaml);
    options.threads = threads_;
    const auto begun = Clock::now();
    const auto result = policies::replay(source, changes, options);
    const double seconds = Seconds(Clock::now() - begun).count();
    std::printf(
        "%s: %llu decisions in %.2f s: %.0f a second with %u threads, %.0f requests a second (%.0f %% of the "
        "scan); %llu differ, %llu of %llu not reproduced\n",
        what, static_cast<unsigned long long>(result.decisions), seconds,
        static_cast<double>(result.decisions) / seconds, threads_, static_cast<double>(requests_) / seconds,
        100 * static_cast<double>(requests_) / seconds / scan_,
        static_cast<unsigned long long>(result.differing()),
        static_cast<unsigned long long>(result.not_reproduced),
        static_cast<unsigned long long>(result.tested));
    std::fflush(stdout);
  }

  const std::uint64_t requests_;
  const unsigned threads_;
  const FreshDirectory directory_;
  const store::DataFiles files_;
  const NumberedRequests reader_;
  const store::RequestForms forms_{&reader_, policies::counted_name};
  engine::Position head_;
  double scan_ = 1;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t requests = 1'000'000;
  std::filesystem::path parent = std::filesystem::path(argv[0]).parent_path();
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--requests") requests = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--data") parent = argv[i + 1];
  }
  if (requests == 0 || requests > most_requests) {
    std::cerr << "usage: replay [--requests N] [--data DIR]\n";
    return 2;
  }
  try {
    Replaying(requests, std::max(1u, std::thread::hardware_concurrency()), parent).run();
  } catch (const std::exception& failure) {
    std::cerr << "replay: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
