// Jobs over many certificates through the API: plans, what is recorded, words, and who may.
#include "engine/streams.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::api {
namespace {

using Catch::Matchers::Contains;
using test::Json;
using test::World;

const std::string jobs_path = "/apis/csrflow.io/v1/jobs";

/// Certificates as they are put here.
struct SomeCertificates final : engine::CandidateSource {
  explicit SomeCertificates(std::vector<engine::JobCandidate>& there) : certificates(there) {}
  void reach(engine::Position) override {}
  std::vector<engine::JobCandidate> candidates(const engine::JobSelection& wanted, engine::Timestamp,
                                               std::size_t) override {
    std::vector<engine::JobCandidate> found;
    for (const auto& one : certificates)
      if (wanted.signer.text.empty() || wanted.signer == one.target.signer) found.push_back(one);
    return found;
  }
  std::vector<std::uint64_t> steady_load(engine::Timestamp, engine::Duration, std::size_t buckets) override {
    return std::vector<std::uint64_t>(buckets, 7);
  }
  std::vector<engine::JobCandidate>& certificates;
};

/// Jobs folded from the log; nothing of them is done.
struct JobsOfLog final : engine::JobSource {
  explicit JobsOfLog(csrflow::test::MemoryLog& from) : log(from) {}
  void reach(engine::Position) override {}
  std::vector<engine::JobEntry> jobs(bool) override {
    std::vector<engine::JobEntry> found;
    for (const auto& event : log.reader()->category("job"))
      if (event.version == engine::Version{1}) found.push_back(*job(event.stream.name()));
    return found;
  }
  std::optional<engine::JobEntry> job(const std::string& name) override {
    const auto stream = engine::stream_of("job", name);
    const auto events = log.reader()->stream(stream);
    if (events.empty()) return std::nullopt;
    return engine::JobEntry{name, std::get<engine::JobState>(engine::fold(stream, events))};
  }
  std::vector<engine::JobStep> due(const std::string&, std::uint32_t, const engine::TargetCursor&,
                                   engine::Duration, std::size_t) override {
    return {};
  }
  std::vector<engine::JobStep> retries(const std::string&, std::uint32_t, engine::Timestamp, engine::Duration,
                                       std::size_t) override {
    return {};
  }
  engine::StageProgress progress(const std::string& name, std::uint32_t stage,
                                 const engine::StageMoment&) override {
    return {.done = 0, .failed = 0, .gone = 0, .open = job(name)->state.plan->stages[stage].count};
  }
  std::vector<std::string> missing(const std::string&, std::size_t) override { return {}; }
  csrflow::test::MemoryLog& log;
};

/// Everything but what is about these signers.
struct AllButSigners final : Authorizer {
  AccessDecision decide(const engine::Identity&, const Attributes& asked) const override {
    return {.access = asked.resource == "signers" ? Access::denied : Access::allowed, .reason = {}};
  }
};

struct Jobs : World {
  explicit Jobs(const Authorizer* authorizer = nullptr) : World({}, {}, {}, nullptr, nullptr, authorizer) {
    api = std::make_unique<Api>(ApiDependencies{.writer = *writer,
                                                .views = views,
                                                .log = log,
                                                .issuer = issuer,
                                                .pkix = pkix,
                                                .clock = clock,
                                                .random = random,
                                                .authenticator = *authenticator,
                                                .authorizer = authorizer ? *authorizer : rules,
                                                .followers = *followers,
                                                .address = "127.0.0.1:6443",
                                                .ready = nullptr,
                                                .log_line = nullptr,
                                                .limits = {},
                                                .meter = &meter,
                                                .jobs = &desk});
  }
  void certificate(const std::string& name, const std::string& job = {}) {
    engine::JobCandidate one;
    one.target = {.stream = engine::csr_stream(name),
                  .serial = {name},
                  .not_after = clock.now() + engine::seconds(90 * 86'400),
                  .lifetime = engine::seconds(90 * 86'400),
                  .signer = {"example.com/web"}};
    one.uid = {"uid-of-" + name};
    one.job = job;
    certificates.push_back(std::move(one));
  }
  static Json wish(const Json& more = Json::object()) {
    Json spec{{"kind", "rotate"},
              {"signerName", "example.com/web"},
              {"all", true},
              {"reason", "drill"},
              {"within", "24h"}};
    spec.update(more);
    return {
        {"apiVersion", "csrflow.io/v1"}, {"kind", "Job"}, {"metadata", {{"name", "drill"}}}, {"spec", spec}};
  }
  test::Reply post(const std::string& path, const Json& body, const std::string& as = "admin") {
    return ask({.method = "POST", .target = path, .body = body.dump(), .as = as});
  }
  test::Reply make(const Json& more = Json::object(), const std::string& as = "admin") {
    return post(jobs_path, wish(more), as);
  }
  test::Reply say(const std::string& word, const Json& spec = Json::object()) {
    return post(jobs_path + "/drill/" + word, {{"spec", spec}});
  }
  std::vector<std::string> story() const {
    std::vector<std::string> types;
    for (const auto& event : log.all())
      if (event.stream.category() == "job") types.push_back(event.type);
    return types;
  }

  std::vector<engine::JobCandidate> certificates;
  engine::JobDesk desk{std::make_unique<SomeCertificates>(certificates),
                       std::make_unique<JobsOfLog>(log),
                       {*writer, clock, csrflow::test::sha256, {}}};
};
using Words = std::vector<std::string>;

TEST_CASE("a dry run answers the plan and writes nothing") {
  Jobs jobs;
  for (int i = 0; i < 50; ++i) jobs.certificate("web-" + std::to_string(i));
  const auto reply = jobs.post(jobs_path + "?dryRun=All", Jobs::wish());
  REQUIRE(reply.status == 201);
  const Json job = reply.json();
  const Json& status = job["status"];
  CHECK((status["count"] == 50 && status["selected"] == 50 && status["fits"] == true));
  CHECK(status["setHash"].get<std::string>().size() == 64);
  REQUIRE(status["stages"].size() == 3);
  CHECK((status["stages"][0]["count"] == 1 && status["stages"][1]["count"] == 5));
  CHECK(status["load"]["job"].size() == status["load"]["steady"].size());
  CHECK(status["load"]["steady"][0] == 7);
  CHECK(status["signers"][0]["limit"] == "200/s");
  CHECK(status["hindered"].empty());
  CHECK(status["revoked"] == "never");
  CHECK((job["spec"]["mode"] == "renew" && job["spec"]["pause"] == "5m"));
  CHECK(jobs.story().empty());
}

TEST_CASE("a job is recorded with all of its certificates, then started") {
  Jobs jobs;
  for (int i = 0; i < 3; ++i) jobs.certificate("web-" + std::to_string(i));
  const auto made = jobs.make();
  REQUIRE(made.status == 201);
  CHECK(made.json()["status"]["phase"] == "running");
  CHECK(made.json()["status"]["open"] == 3);
  CHECK(made.json()["status"]["plannedBy"] == "admin");
  CHECK(jobs.story() == Words{"planned", "targets", "targets", "started", "stage_started"});
  CHECK(jobs.get(jobs_path + "/drill").json() == made.json());
  const auto list = jobs.get(jobs_path).json();
  CHECK(list["kind"] == "JobList");
  CHECK(list["items"][0]["metadata"]["name"] == "drill");
  CHECK(jobs.get(jobs_path + "/nobody").status == 404);
  CHECK(jobs.make().status == 409);
}

TEST_CASE("one without a name gets one, and one that is not to start is only planned") {
  Jobs jobs;
  jobs.certificate("web-1");
  Json wish = Jobs::wish({{"start", false}});
  wish.erase("metadata");
  const auto made = jobs.post(jobs_path, wish);
  REQUIRE(made.status == 201);
  CHECK_THAT(made.json()["metadata"]["name"].get<std::string>(), Catch::Matchers::StartsWith("rotate-2026"));
  CHECK(made.json()["status"]["phase"] == "planned");
  CHECK(jobs.story() == Words{"planned", "targets"});
}

TEST_CASE("a job is refused when its certificates have changed since the plan, or another job has one") {
  Jobs jobs;
  jobs.certificate("web-1");
  const auto plan = jobs.post(jobs_path + "?dryRun=All", Jobs::wish()).json();
  const Json agreed{{"setHash", plan["status"]["setHash"]}};
  jobs.certificate("web-2");
  const auto changed = jobs.make(agreed);
  CHECK(changed.status == 409);
  CHECK_THAT(changed.message(), Contains("the certificates have changed since the plan was made"));
  jobs.certificates.pop_back();
  CHECK(jobs.make(agreed).status == 201);

  jobs.certificates.front().job = "drill";
  const auto second = jobs.post(jobs_path + "?dryRun=All", Jobs::wish());
  CHECK(second.status == 409);
  CHECK_THAT(second.message(), Contains("web-1 belongs to the job drill, which has not ended"));
}

TEST_CASE("compromised keys are replaced by hosts: where there is none, the job says so") {
  Jobs jobs;
  jobs.certificate("web-1");
  const Json compromise{{"reason", "key-compromise"}};
  const auto plan = jobs.post(jobs_path + "?dryRun=All", Jobs::wish(compromise)).json();
  CHECK(plan["spec"]["mode"] == "rekey");
  CHECK(plan["status"]["count"] == 0);
  CHECK(plan["status"]["hindered"][0]["names"] == Words{"web-1"});
  CHECK_THAT(plan["status"]["hindered"][0]["reason"].get<std::string>(), Contains("no agent is known"));
  const auto refused = jobs.make(compromise);
  CHECK(refused.status == 409);
  CHECK_THAT(refused.message(), Contains("the job could replace none of the 1 certificates"));
  jobs.certificates.front().target.agent = engine::AgentState::present;
  CHECK(jobs.make(compromise).status == 201);
}

TEST_CASE("all that is wrong with a job is said at once") {
  Jobs jobs;
  const auto message = [&](const Json& more) {
    const auto reply = jobs.make(more);
    CHECK(reply.status == 422);
    return reply.message();
  };
  CHECK_THAT(message({{"kind", "revoke"}}), Contains(R"(spec.kind: Unsupported value: "revoke")"));
  CHECK_THAT(message({{"within", "soon"}, {"pause", "1m"}}),
             Contains("spec.within") && Contains("spec.pause") && Contains("must be 5m or more"));
  CHECK_THAT(message({{"deadline", "2026-12-01T00:00:00Z"}}), Contains("one of `within` and `deadline`"));
  CHECK_THAT(message({{"names", {"web-1"}}}), Contains("one of `all`, `labels`, `names`"));
  CHECK_THAT(message({{"reason", "key-compromise"}, {"mode", "renew"}}),
             Contains("a compromised key must not be used again"));
  CHECK_THAT(message({{"signerName", ""}, {"reason", ""}}),
             Contains("spec.signerName") && Contains("spec.reason"));
  CHECK(jobs.post(jobs_path, Json::array()).status == 400);
  CHECK(jobs.make({{"within", 24}}).status == 400);
  const auto nothing = jobs.make();
  CHECK(nothing.status == 409);
  CHECK_THAT(nothing.message(), Contains("no certificate is selected"));
}

TEST_CASE("a job is stopped, goes on, and is cancelled") {
  Jobs jobs;
  jobs.certificate("web-1");
  jobs.make();
  const auto stopped = jobs.say("stop", {{"reason", "lunch"}});
  REQUIRE(stopped.status == 200);
  CHECK(stopped.json()["status"]["phase"] == "paused");
  CHECK((stopped.json()["status"]["pausedBy"] == "admin" && stopped.json()["status"]["message"] == "lunch"));
  CHECK(jobs.say("resume").json()["status"]["phase"] == "running");
  CHECK(jobs.say("cancel").json()["status"]["phase"] == "cancelled");
  const auto late = jobs.say("resume");
  CHECK(late.status == 409);
  CHECK_THAT(late.message(), Contains("the job is cancelled already"));
  CHECK(jobs.say("explode").status == 404);
  CHECK(jobs.get(jobs_path + "/drill/stop").status == 405);
  CHECK(jobs.post(jobs_path + "/nobody/stop", {{"spec", Json::object()}}).status == 404);
  CHECK(jobs.ask({.method = "DELETE", .target = jobs_path + "/drill"}).status == 405);
}

TEST_CASE("whoever makes a job must be permitted to, and to sign or approve for its signers") {
  Jobs jobs;
  jobs.certificate("web-1");
  const auto refused = jobs.make(Json::object(), "jane");
  CHECK(refused.status == 403);
  CHECK_THAT(refused.message(), Contains("cannot create resource \"jobs\" in API group \"csrflow.io\""));
  CHECK(jobs.get(jobs_path, "jane").status == 403);

  const AllButSigners all_but_signers;
  Jobs limited(&all_but_signers);
  limited.certificate("web-1");
  for (const std::string& path : {jobs_path, jobs_path + "?dryRun=All"}) {
    const auto forbidden = limited.post(path, Jobs::wish(), "jane");
    CHECK(forbidden.status == 403);
    CHECK_THAT(forbidden.message(), Contains("not permitted to sign or approve"));
  }
  CHECK(limited.story().empty());
}

}  // namespace
}  // namespace csrflow::api
