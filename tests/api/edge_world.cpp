#include "tests/api/edge_world.hpp"

#include "api/bootstrap_roles.hpp"
#include "engine/base64.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::api::test {
namespace {

using namespace std::chrono_literals;

class MemoryExchange final : public Exchange {
 public:
  MemoryExchange(Request request, std::promise<Reply> reply, std::shared_ptr<MemoryStream> stream)
      : request_(std::move(request)), reply_(std::move(reply)), stream_(std::move(stream)) {}
  const Request& request() const override { return request_; }
  void answer(Response response) override {
    reply_.set_value({.status = response.status,
                      .headers = std::move(response.headers),
                      .body = response.body ? *response.body : std::string()});
  }
  std::shared_ptr<Stream> stream(Response head) override {
    if (!stream_) throw std::logic_error("this test did not expect a stream");
    reply_.set_value({.status = head.status, .headers = std::move(head.headers), .body = {}});
    return stream_;
  }

 private:
  const Request request_;
  std::promise<Reply> reply_;
  const std::shared_ptr<MemoryStream> stream_;
};

Request request_of(Ask ask) {
  Request request{.method = std::move(ask.method),
                  .target = ask.target,
                  .headers = std::move(ask.headers),
                  .body = std::move(ask.body)};
  const auto question = ask.target.find('?');
  request.path = ask.target.substr(0, question);
  if (question != std::string::npos) request.query = ask.target.substr(question + 1);
  if (!ask.as.empty()) request.headers.add("Authorization", "Bearer " + ask.as);
  request.peer =
      std::make_shared<Peer>(Peer{.address = "192.0.2.1", .certificates = std::move(ask.certificates)});
  return request;
}

std::string after(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  return at == std::string::npos ? "" : text.substr(at + mark.size(), text.find('\n', at) - at - mark.size());
}

/// What the views show a query's `matches`.
engine::ObjectRow without_body(engine::ObjectRow row) {
  row.cells.clear();
  row.tail.clear();
  return row;
}

}  // namespace

// ---- views --------------------------------------------------------------------------------------

void MemoryViews::committed(const std::shared_ptr<const engine::Batch>& batch) {
  const std::lock_guard lock(mutex_);
  for (const auto& record : *batch) {
    auto row = presenter_.row(record);
    if (row && row->tail.empty()) {
      rows_.erase({row->resource, row->name});
    } else if (row) {
      rows_[{row->resource, row->name}] = std::move(*row);
    }
    position_ = record.stamp.position;
  }
}

engine::Position MemoryViews::position() const {
  const std::lock_guard lock(mutex_);
  return position_;
}

void MemoryViews::when_reached(engine::Position position, std::move_only_function<void()> act) {
  if (position > this->position()) throw std::logic_error("these views are always up to date");
  act();
}

std::optional<engine::ObjectRow> MemoryViews::get(const std::string& resource, const std::string& name) {
  ++reads_;
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find({resource, name});
  return found == rows_.end() ? std::nullopt : std::optional(found->second);
}

engine::ObjectList MemoryViews::list(const engine::ListQuery& query) {
  ++reads_;
  const std::lock_guard lock(mutex_);
  engine::ObjectList list{.position = position_, .rows = {}};
  for (const auto& [key, row] : rows_) {
    const auto& [resource, name] = key;
    if (resource != query.resource) continue;
    if (name <= query.name_after || (query.name && *query.name != name) ||
        (query.matches && !query.matches(without_body(row))))
      continue;
    if (query.limit && list.rows.size() == *query.limit) {
      list.more = true;
      if (!query.matches) ++list.remaining;
    } else {
      list.rows.push_back(row);
    }
  }
  return list;
}

// ---- keys and certificates ----------------------------------------------------------------------

std::expected<engine::RequestSubject, std::string> TextInspector::verify_request(
    const engine::Bytes& pem) const {
  if (real) return real->verify_request(pem);
  if (!pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----"))
    return std::unexpected("PEM block type must be CERTIFICATE REQUEST");
  engine::RequestSubject subject{.common_name = after(pem, "CN="), .organizations = {}};
  if (const auto organization = after(pem, "O="); !organization.empty())
    subject.organizations.push_back(organization);
  return subject;
}

std::expected<engine::CertificateFacts, std::string> TextInspector::check_certificate(
    const engine::Bytes& pem) const {
  if (real) return real->check_certificate(pem);
  if (!pem.starts_with("-----BEGIN CERTIFICATE-----"))
    return std::unexpected("must contain at least one CERTIFICATE PEM block");
  return engine::CertificateFacts{.serial = {"\x01"},
                                  .not_before = {},
                                  .not_after = engine::from_seconds(4'000'000'000),
                                  .fingerprint = "ab"};
}

std::expected<void, std::string> TextInspector::check_rekey(const engine::RekeyClaim& claim) const {
  if (real) return real->check_rekey(claim);
  return std::unexpected("nothing is rekeyed in this test");
}

// ---- streams ------------------------------------------------------------------------------------

bool MemoryStream::write(SharedBytes line) {
  const std::lock_guard lock(mutex_);
  if (ended_) return true;
  if (lines_.size() >= room_) {
    refused_ = true;
    changed_.notify_all();
    return false;
  }
  lines_.push_back(std::move(line));
  changed_.notify_all();
  return true;
}

void MemoryStream::close() {
  std::function<void()> closed;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    closed = std::exchange(closed_, nullptr);
    changed_.notify_all();
  }
  if (closed) closed();
}

void MemoryStream::break_off() {
  {
    const std::lock_guard lock(mutex_);
    broken_ = true;
  }
  close();
}

bool MemoryStream::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

void MemoryStream::leave() {
  close();
}

void MemoryStream::on_writable(std::function<void()> notice) {
  const std::lock_guard lock(mutex_);
  writable_ = std::move(notice);
}

void MemoryStream::on_closed(std::function<void()> notice) {
  const std::lock_guard lock(mutex_);
  closed_ = std::move(notice);
}

SharedBytes MemoryStream::next_bytes() {
  SharedBytes line;
  std::function<void()> writable;
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 10s, [&] { return !lines_.empty() || ended_; }))
      throw std::runtime_error("the watch is silent");
    if (lines_.empty()) return nullptr;
    line = lines_.front();
    lines_.pop_front();
    if (lines_.empty() && std::exchange(refused_, false)) writable = writable_;
  }
  if (writable) writable();
  return line;
}

Json MemoryStream::next() {
  const auto line = next_bytes();
  if (!line) return nullptr;
  if (!line->ends_with('\n')) throw std::runtime_error("an event is a line");
  return Json::parse(*line);
}

bool MemoryStream::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

// ---- the world ----------------------------------------------------------------------------------

WorldRules::WorldRules() {
  RbacObjects objects;
  for (const auto& role : bootstrap_roles())
    objects.roles[role.name] = std::make_shared<const ClusterRole>(role);
  for (const auto& binding : bootstrap_bindings())
    objects.bindings[binding.name] = std::make_shared<const ClusterRoleBinding>(binding);
  const std::string requester = "requester";
  objects.roles[requester] = std::make_shared<const ClusterRole>(
      read_cluster_role(R"({"metadata":{"name":"requester"},"rules":[{"apiGroups":["certificates.k8s.io"],)"
                        R"("resources":["certificatesigningrequests"],"verbs":["create","get"]}]})"));
  objects.bindings[requester] = std::make_shared<const ClusterRoleBinding>(read_cluster_role_binding(
      R"({"metadata":{"name":"requester"},"roleRef":{"kind":"ClusterRole","name":"requester"},)"
      R"("subjects":[{"kind":"Group","name":"system:authenticated"}]})"));
  policy_ = std::make_unique<const RbacPolicy>(std::move(objects), engine::Position{});
}

AccessDecision WorldRules::decide(const engine::Identity& user, const Attributes& asked) const {
  if (user.in_group(group::masters)) return {.access = Access::allowed, .reason = {}};
  auto verdict = policy_->decide(user, asked);
  return {.access = verdict.allowed ? Access::allowed : Access::denied, .reason = std::move(verdict.reason)};
}

World::World(ApiLimits limits, WatchLimits watch_limits, RecentLimits recent_limits,
             std::shared_ptr<const ClientCertificates> certificates, const ConfigAdmission* admission,
             const Authorizer* authorizer)
    : followers(std::make_unique<ApiFollowers>(views, log, clock, recent_limits, watch_limits)) {
  auto all = followers->all();
  all.insert(all.begin(), &views);
  writer = std::make_unique<engine::Writer>(
      log, clock, random, issuer, "csrflow test", all,
      [this](const std::string& why) { operator_lines.push_back(why); }, csrflow::test::sha256);
  authenticator = std::make_unique<Authenticators>(
      std::move(certificates),
      TokenFile::parse("admin,admin,uid-admin,system:masters\njane,jane,uid-jane\nbob,bob,uid-bob\n").value(),
      std::vector<std::shared_ptr<const BearerTokens>>{
          std::shared_ptr<const BearerTokens>(std::shared_ptr<void>(), &followers->tokens)});
  api = std::make_unique<Api>(ApiDependencies{
      .writer = *writer,
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
      .limits = limits,
      .config_admission = admission,
      .meter = &meter,
      .metrics_page =
          [](const metrics::RequestsNow& now) {
            return "a page with " + std::to_string(now.in_flight[0]) + " read in flight\n";
          },
      .forecast =
          [](unsigned days) { return R"({"kind":"Forecast","days":)" + std::to_string(days) + '}'; }});
}

World::~World() {
  writer->stop();
  followers->watches.stop();
  api.reset();
}

std::future<Reply> World::start(Ask ask) {
  std::promise<Reply> promise;
  auto reply = promise.get_future();
  api->handle(std::make_shared<MemoryExchange>(request_of(std::move(ask)), std::move(promise), nullptr));
  return reply;
}

Reply World::ask(Ask ask) {
  auto reply = start(std::move(ask));
  if (reply.wait_for(10s) != std::future_status::ready) throw std::runtime_error("no answer");
  return reply.get();
}

std::shared_ptr<MemoryStream> World::watch(const std::string& query, std::size_t room,
                                           const std::string& as) {
  const auto stream = std::make_shared<MemoryStream>(room);
  std::promise<Reply> promise;
  auto head = promise.get_future();
  api->handle(std::make_shared<MemoryExchange>(
      request_of({.method = "GET", .target = collection + "?watch=1" + query, .as = as}), std::move(promise),
      stream));
  if (head.get().status != 200) throw std::runtime_error("the watch was refused");
  return stream;
}

std::shared_ptr<MemoryStream> World::open(const std::string& target) {
  const auto stream = std::make_shared<MemoryStream>(10'000);
  std::promise<Reply> promise;
  auto head = promise.get_future();
  api->handle(std::make_shared<MemoryExchange>(request_of({.method = "GET", .target = target}),
                                               std::move(promise), stream));
  if (head.get().status != 200) throw std::runtime_error("the watch was refused");
  return stream;
}

Json request_body(const std::string& name, const std::string& signer) {
  std::string request;
  engine::append_base64(request, "-----BEGIN CERTIFICATE REQUEST-----\nCN=" + name + "\n");
  return {{"apiVersion", "certificates.k8s.io/v1"},
          {"kind", "CertificateSigningRequest"},
          {"metadata", {{"name", name}}},
          {"spec", {{"request", request}, {"signerName", signer}, {"usages", {"client auth"}}}}};
}

Reply World::create(const std::string& name, const std::string& as, const Json& more) {
  auto body = request_body(name);
  if (!more.is_null()) body.merge_patch(more);
  return ask({.method = "POST", .target = collection, .body = body.dump(), .as = as});
}

Reply World::approve(const std::string& name, const std::string& as) {
  return ask({.method = "PATCH",
              .target = collection + '/' + name + "/approval",
              .body = R"({"status":{"conditions":[{"type":"Approved","status":"True","reason":"Test"}]}})",
              .headers = {{"Content-Type", "application/merge-patch+json"}},
              .as = as});
}

}  // namespace csrflow::api::test
