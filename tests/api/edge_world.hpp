// The API over the real writer and a log in memory, with everything else made of a few lines; requests go in
// and answers come out as values.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <nlohmann/json.hpp>

#include "api/api.hpp"
#include "api/presenter.hpp"
#include "api/rbac_policy.hpp"
#include "tests/support/memory_log.hpp"

namespace csrflow::api::test {

using Json = nlohmann::json;

/// Views that are always up to date.
class MemoryViews final : public engine::ObjectViews, public engine::Follower {
 public:
  void committed(const std::shared_ptr<const engine::Batch>&) override;
  engine::Position position() const override;
  void when_reached(engine::Position, std::move_only_function<void()>) override;
  std::optional<engine::ObjectRow> get(const std::string& resource, const std::string& name) override;
  engine::ObjectList list(const engine::ListQuery&) override;
  std::size_t reads() const { return reads_; }

 private:
  Presenter presenter_;
  mutable std::mutex mutex_;
  engine::Position position_;
  std::map<std::pair<std::string, std::string>, engine::ObjectRow> rows_;  // by resource and name
  std::atomic<std::size_t> reads_{0};
};

/// Signs for `kubernetes.io/kube-apiserver-client` only, and never now.
struct NoIssuer final : engine::Issuer {
  bool serves(const engine::SignerName& name) const override {
    return name.text == "kubernetes.io/kube-apiserver-client";
  }
  engine::Duration lifetime(const engine::SignerName&, std::optional<std::int32_t>) const override {
    return engine::seconds(3600);
  }
  std::optional<engine::Duration> patience(const engine::SignerName&) const override { return {}; }
  engine::Drafted draft(const engine::CsrSpec&, engine::Timestamp, std::span<const std::uint8_t, 16>,
                        const engine::IssueTerms&) const override {
    return engine::NotNow{"no key in this test"};
  }
  engine::Drafted draft_own(engine::OwnCertificate, engine::Timestamp,
                            std::span<const std::uint8_t, 16>) const override {
    return engine::NotNow{"no key in this test"};
  }
};

/// Every text with a PEM block of the right type is sound; a common name follows `CN=` and an O `O=` in it.
/// Where there is a real inspector, that is asked.
struct TextInspector final : engine::PkixInspector {
  const engine::PkixInspector* real = nullptr;
  std::expected<engine::RequestSubject, std::string> verify_request(const engine::Bytes& pem) const override;
  std::expected<engine::CertificateFacts, std::string> check_certificate(
      const engine::Bytes& pem) const override;
  std::expected<void, std::string> check_rekey(const engine::RekeyClaim&) const override;
};

/// Holds what a watch was sent; `room` bounds how many lines may wait.
class MemoryStream final : public Stream {
 public:
  explicit MemoryStream(std::size_t room) : room_(room) {}
  bool write(SharedBytes) override;
  void close() override;
  void break_off() override;
  void on_writable(std::function<void()>) override;
  void on_closed(std::function<void()>) override;

  /// The next event; null when the stream has ended. Throws after ten seconds of silence.
  Json next();
  /// The bytes of the next event, shared with whoever else got it.
  SharedBytes next_bytes();
  /// As if the client had gone.
  void leave();
  bool refused() const;
  /// Was it broken off?
  bool broken() const;

 private:
  const std::size_t room_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<SharedBytes> lines_;
  bool ended_ = false, refused_ = false, broken_ = false;
  std::function<void()> writable_, closed_;
};

struct Reply {
  int status = 0;
  Headers headers;
  std::string body;
  Json json() const { return Json::parse(body); }
  std::string message() const { return json().value("message", ""); }
};

/// Who asks: a token of the world's file, or nobody; or a client certificate.
struct Ask {
  std::string method, target;
  std::string body;
  Headers headers;
  std::string as = "admin";
  std::shared_ptr<const PeerCertificates> certificates = nullptr;
};

/// The roles that every server has, and who is authenticated may create and get requests.
class WorldRules final : public Authorizer {
 public:
  WorldRules();
  AccessDecision decide(const engine::Identity&, const Attributes&) const override;

 private:
  std::unique_ptr<const RbacPolicy> policy_;
};

class World {
 public:
  explicit World(ApiLimits limits = {}, WatchLimits watch_limits = {}, RecentLimits recent_limits = {},
                 std::shared_ptr<const ClientCertificates> = nullptr, const ConfigAdmission* = nullptr,
                 const Authorizer* = nullptr);
  ~World();

  Reply ask(Ask);
  Reply get(const std::string& target, const std::string& as = "admin") {
    return ask({.method = "GET", .target = target, .as = as});
  }
  Reply create(const std::string& name, const std::string& as = "admin", const Json& more = {});
  Reply approve(const std::string& name, const std::string& as = "admin");
  std::shared_ptr<MemoryStream> watch(const std::string& query, std::size_t room = 10'000,
                                      const std::string& as = "admin");
  std::future<Reply> start(Ask);
  /// A watch of anything: `/api/v1/events?watch=1`.
  std::shared_ptr<MemoryStream> open(const std::string& target);

  csrflow::test::MemoryLog log;
  csrflow::test::ManualClock clock;
  csrflow::test::SeededRandom random;
  NoIssuer issuer;
  TextInspector pkix;
  MemoryViews views;
  std::unique_ptr<ApiFollowers> followers;
  std::unique_ptr<engine::Writer> writer;
  std::unique_ptr<Authenticators> authenticator;
  WorldRules rules;
  metrics::HttpMeter meter{{"certificatesigningrequests"}};
  std::vector<std::string> operator_lines;
  std::unique_ptr<Api> api;
};

inline const std::string collection = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
/// The body of a POST.
Json request_body(const std::string& name, const std::string& signer = "example.com/custom");

}  // namespace csrflow::api::test
