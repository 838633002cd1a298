// A writer that decides with real policies, and the past that its events leave: for tests of replay.
#pragma once

#include "engine/past_requests.hpp"
#include "engine/recent_requests.hpp"
#include "engine/writer.hpp"
#include "policies/log_approver.hpp"
#include "policies/policy_history.hpp"
#include "policies/rotation_book.hpp"
#include "policies/sink_book.hpp"
#include "tests/engine/story.hpp"
#include "tests/policies/files.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::policies::test {

using namespace engine;

/// `spki=01 dns=a.example.com,b.example.com`.
struct PaperReader final : RequestReader {
  std::expected<RequestDescription, std::string> describe(const Bytes& text) const override {
    if (!text.starts_with("spki=")) return std::unexpected("it is no paper request");
    RequestDescription description;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
      const std::string value = word.substr(word.find('=') + 1);
      if (word.starts_with("spki=")) {
        description.key = {.algorithm = "ECDSA", .bits = 256, .curve = "P-256", .spki_sha256 = {}};
        for (int i = 0; i < 32; ++i) description.key.spki_sha256 += value;
      } else {
        std::istringstream names(value);
        for (std::string name; std::getline(names, name, ',');) description.names.push_back({"dns", name});
      }
    }
    return description;
  }
};

/// Paper requests have no encoding beside what their words say.
inline RotationSources rotation_sources(const RequestReader& reader) {
  return {.requests = reader,
          .encoding = [](const Bytes& text) -> std::expected<RequestEncoding, std::string> {
            return RequestEncoding{.subject = text, .extensions = {}};
          },
          .longest_lifetime = [](const ConfigObject&) { return std::optional<Duration>(); }};
}

struct NoChecks final : RequestChecks {
  FieldProblems refusals(const CsrSpec&) const override { return {}; }
  std::optional<std::string> denial(const CsrSpec& spec) const override {
    if (spec.request.find("forbidden") == std::string::npos) return std::nullopt;
    return "the name forbidden is outside the signer's names";
  }
  bool separate_from_requester(const SignerName&) const override { return false; }
};

/// All of the past in memory: what the live evaluation asks, and what a replay reads.
struct MemoryPast final : Follower, RequestHistory, PastSource {
  explicit MemoryPast(const RequestReader& reader) : reader_(reader) {}

  void committed(const std::shared_ptr<const Batch>& batch) override {
    for (const Record& record : *batch) take(record);
  }
  void take(const Record& record) {
    head_ = record.stamp.position;
    const auto* event = record.csr_event();
    if (event == nullptr) return;
    if (const auto* made = std::get_if<Signed>(event))
      certificates_[made->uid.text] = {record.csr_after()->ledger.back(), record.stamp.position};
    const auto* created = std::get_if<Created>(event);
    if (created == nullptr) {
      if (auto row = past_row(record)) rows_.push_back(std::move(*row));
      return;
    }
    const auto description = reader_.describe(created->object.spec->request);
    auto trace = trace_of(*created, head_, record.stamp.recorded_at, record.context->actor.by,
                          description ? &*description : nullptr, counted_name,
                          [this](const Uid& uid) { return lineage_of(uid); });
    rows_.push_back(*past_row(record, description, trace, csrflow::test::sha256));
    recent_.add(std::move(trace));
  }

  std::uint64_t count(const RequestGroup& group, const RequestSpan& span) const override {
    return recent_.count(group, span);
  }
  std::vector<engine::KeyUse> key_uses(const std::string& spki, Position before) const override {
    std::vector<engine::KeyUse> uses;
    recent_.add_key_uses(uses, spki, before);
    return uses;
  }
  Uid lineage_of(const Uid& uid) const override { return recent_.lineage_of(uid).value_or(uid); }

  void rewind() override { next_ = 0; }
  std::vector<PastRow> next(std::size_t limit) override {
    const std::size_t end = std::min(rows_.size(), next_ + limit);
    std::vector<PastRow> some(rows_.begin() + static_cast<std::ptrdiff_t>(next_),
                              rows_.begin() + static_cast<std::ptrdiff_t>(end));
    next_ = end;
    return some;
  }
  Position head() const override { return head_; }
  std::optional<Certificate> certificate(const std::string&, const Uid& uid) override {
    const auto found = certificates_.find(uid.text);
    if (found == certificates_.end()) return std::nullopt;
    return found->second;
  }

 private:
  const RequestReader& reader_;
  RecentRequests recent_;
  std::vector<PastRow> rows_;
  std::size_t next_ = 0;
  Position head_;
  std::map<std::string, Certificate> certificates_;
};

struct Asked {
  std::string user = "alice";
  std::string request = "spki=01 dns=a.shop.example.com";
  std::string signer = "kubernetes.io/web";
  std::int32_t expiration = 3600;
  std::string predecessor = {};  ///< by annotation
};

/// Everybody of the tests in one place.
class PastOffice {
 public:
  csrflow::test::MemoryLog log;
  csrflow::test::ManualClock clock;
  PaperReader reader;
  MemoryPast past{reader};

  PastOffice()
      : book_(*log.reader()),
        finder_(reader, past, checks_),
        approver_(book_, finder_, checks_),
        rotation(*log.reader(), rotation_sources(reader)),
        sinks(*log.reader(), reader),
        writer_(
            log, clock, random_, issuer_, "csrflow test", {&book_, &past, &rotation, &sinks},
            [](const std::string& why) { throw std::runtime_error(why); }, csrflow::test::sha256,
            WriterLimits{},
            engine::DecidedBy{.approver = &approver_, .rules = &rotation, .subscriptions = &sinks}) {}

  void ask(const std::string& name, const Asked& asked = {}) {
    Create create = csrflow::test::request(name);
    CsrSpec spec = *create.object.spec;
    spec.request = asked.request;
    spec.signer_name = {asked.signer};
    spec.expiration_seconds = asked.expiration;
    spec.username = asked.user;
    spec.groups = {"web-team"};
    create.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
    create.lifetime = engine::seconds(asked.expiration);
    if (!asked.predecessor.empty())
      create.object.meta.annotations[std::string(annotation::predecessor)] = asked.predecessor;
    last_ = call(name, std::move(create),
                 {.user = asked.user, .groups = {"web-team"}, .by = Authentication::token});
  }
  /// A person's `kubectl certificate approve` or `deny`.
  void speaks(const std::string& user, const std::string& name, std::string_view condition) {
    const CsrState state = this->state(name);
    Change change{.base = state.resource_version, .change = {}, .certificate = {}};
    change.change.conditions = state.object->status.conditions;
    change.change.conditions->push_back(
        {std::string(condition), "True", "Said", "by " + user, clock.now(), clock.now()});
    last_ = call(name, std::move(change), {.user = user, .groups = {"pki-team"}, .by = Authentication::x509});
  }
  void command(const std::string& name, CsrCommand command, const std::string& user = "csrflow:test") {
    last_ = call(name, std::move(command), {.user = user, .by = Authentication::x509});
  }
  /// Signs what is being issued.
  void sign(const std::string& name) {
    const Issuing open = state(name).open_issues.at(0).issuing;
    command(name, CompleteIssue{open.uid, open.serial, "PEM", "fingerprint of " + name});
  }
  /// A document of any kind.
  void apply(const std::string& yaml) {
    const YamlDocuments documents = read_yaml_trees(yaml);
    const Tree& document = documents.documents.at(0);
    ConfigObject object;
    object.meta.name = document.find("metadata")->find("name")->text;
    object.meta.uid = {"uid-of-" + object.meta.name};
    object.body = std::make_shared<const std::string>("{\"spec\":" + json_text(*document.find("spec")) + "}");
    const std::string kind = document.find("kind")->text;
    PutConfig put{.base = std::nullopt, .kind = kind, .hash = "hash", .object = object};
    const StreamId stream = stream_of(collection_of(kind), object.meta.name);
    const auto held = fold(stream, log.reader()->stream(stream));
    if (const auto& state = std::get<ConfigState>(held); state.object) put.base = state.resource_version;
    configure(stream, std::move(put));
  }
  void remove(const std::string& kind, const std::string& name) {
    configure(stream_of(collection_of(kind), name), Delete{});
  }
  CsrState state(const std::string& name) {
    return std::get<CsrState>(fold(csr_stream(name), log.reader()->stream(csr_stream(name))));
  }
  bool refused() const { return !last_; }
  const Approver& approver() const { return approver_; }
  void pass(Duration d = engine::seconds(1)) { clock.advance(d); }

  ReplayResult replay(ReplayOptions options = {}) {
    options.now = clock.now();
    return policies::replay(past, policy_history(*log.reader(), past.head()), options);
  }

 private:
  std::expected<engine::Outcome, Refusal> call(const std::string& name, CsrCommand command, Identity actor) {
    auto done =
        writer_.call({csr_stream(name), Command(std::move(command)), {.actor = std::move(actor)}, false, {}});
    pass();
    return done;
  }

  static std::string collection_of(const std::string& kind) {
    if (kind == "RotationPolicy") return "rotation/rotationpolicies";
    if (kind == "NotificationSink") return "sink/notificationsinks";
    if (kind == "Signer") return std::string(engine::signer_category);
    return std::string(policy_category);
  }
  void configure(const StreamId& stream, ConfigCommand command) {
    const auto done = writer_.call({stream, std::move(command), {.actor = system_actor("test")}, false, {}});
    if (!done) throw std::runtime_error(done.error().message);
    pass();
  }

  csrflow::test::SeededRandom random_;
  csrflow::test::PaperIssuer issuer_;
  NoChecks checks_;
  PolicyBook book_;
  FactFinder finder_;
  LogApprover approver_;

 public:
  RotationBook rotation;
  SinkBook sinks;

 private:
  std::expected<engine::Outcome, Refusal> last_;
  Writer writer_;  // last: it uses everything above
};

}  // namespace csrflow::policies::test
