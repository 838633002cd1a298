// The pool signs what the log holds, once, and sends the results back as commands.
#include "signer/signing_pool.hpp"

#include <future>

#include "signer/inspector.hpp"
#include "signer/keys.hpp"
#include "tests/catch.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

/// Collects what the pool sends; lets a test wait for the n-th thing.
class Door {
 public:
  void take(std::vector<engine::Submission> submissions) {
    const std::scoped_lock lock(mutex_);
    batches_.push_back(submissions.size());
    for (auto& submission : submissions) submissions_.push_back(std::move(submission));
    changed_.notify_all();
  }
  void complain(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    complaints_.push_back(text);
    changed_.notify_all();
  }
  std::vector<engine::Submission> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(20), [&] { return submissions_.size() >= count; });
    if (!came) throw std::runtime_error("the signer did not answer");
    return std::exchange(submissions_, {});
  }
  std::vector<std::string> wait_for_complaints(std::size_t count) {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::seconds(20), [&] { return complaints_.size() >= count; });
    if (!came) throw std::runtime_error("the signer did not complain");
    return complaints_;
  }
  std::vector<std::size_t> batches() {
    const std::scoped_lock lock(mutex_);
    return batches_;
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return submissions_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<engine::Submission> submissions_;
  std::vector<std::string> complaints_;
  std::vector<std::size_t> batches_;
};

/// A signer that counts, and waits until it is let go.
struct GatedSigner : engine::CertificateSigner {
  explicit GatedSigner(engine::CertificateSigner& inner) : real(inner) {}
  std::expected<engine::Bytes, std::string> sign(const std::string& ski, const engine::Bytes& tbs) override {
    ++calls;
    open.wait();
    if (broken) return std::unexpected("the token is away");
    return real.sign(ski, tbs);
  }
  engine::CertificateSigner& real;
  std::promise<void> gate;
  std::shared_future<void> open = gate.get_future().share();
  std::atomic<int> calls = 0;
  std::atomic<bool> broken = false;
};

struct Fixture {
  TestAuthority ca{generate_p256()};
  Door door;
  GatedSigner signer{ca.signer};
  SigningPool pool{signer, [this](auto submissions) { door.take(std::move(submissions)); },
                   [this](const auto& text) { door.complain(text); }};

  engine::Draft draft(std::uint8_t seed) {
    const BuiltInIssuer issuer(ca.authority, {}, {});
    return std::get<engine::Draft>(issuer.draft(client_spec(fixture("csr/jane-p256")), noon, counting(seed)));
  }
  static engine::Record record(const std::string& stream, engine::Event event) {
    engine::Record record;
    record.stamp.stream = {stream};
    record.stamp.version = {3};
    engine::Context context;
    context.correlation = stream + "@1";
    record.context = std::make_shared<engine::Context>(context);
    record.event = std::make_shared<engine::Event>(std::move(event));
    return record;
  }
  engine::Record issuing(const std::string& stream, std::uint8_t seed) {
    const auto d = draft(seed);
    return record(stream, engine::CsrEvent(engine::Issuing{.uid = {"uid-" + stream},
                                                           .serial = d.serial,
                                                           .clock = d.clock,
                                                           .not_before = d.not_before,
                                                           .not_after = d.not_after,
                                                           .issuer = d.issuer,
                                                           .profile = d.profile,
                                                           .profile_hash = d.profile_hash,
                                                           .tbs = d.tbs}));
  }
  void commit(std::vector<engine::Record> records) {
    pool.committed(std::make_shared<const engine::Batch>(std::move(records)));
  }
};

}  // namespace

TEST_CASE("an issuing event becomes a certificate over exactly its bytes") {
  Fixture f;
  f.signer.gate.set_value();
  f.commit({Fixture::record("csr/jane", engine::CsrEvent(engine::Expired{})), f.issuing("csr/jane", 1)});
  auto submissions = f.door.wait_for(1);
  REQUIRE(submissions.size() == 1);
  const auto& submission = submissions.front();
  CHECK(submission.stream.text == "csr/jane");
  CHECK(submission.context.actor.user == engine::system_actor("signer").user);
  CHECK(submission.context.cause == "csr/jane@3");
  CHECK(submission.context.correlation == "csr/jane@1");
  CHECK(submission.context.command.hex.size() == 32);
  const auto& complete = std::get<engine::CompleteIssue>(std::get<engine::CsrCommand>(submission.command));
  const auto draft = f.draft(1);
  CHECK(complete.uid.text == "uid-csr/jane");
  CHECK(complete.serial == draft.serial);
  const auto facts = OpenSslInspector().check_certificate(complete.certificate);
  REQUIRE(facts);
  CHECK(facts->fingerprint == complete.fingerprint);
  CHECK(facts->serial == draft.serial);
}

TEST_CASE("csrflow's own certificates are completed on their streams") {
  Fixture f;
  f.signer.gate.set_value();
  f.commit({Fixture::record("own/server", engine::OwnEvent(engine::OwnIssuing{f.draft(7)}))});
  auto submissions = f.door.wait_for(1);
  const auto& complete =
      std::get<engine::CompleteOwn>(std::get<engine::OwnCommand>(submissions.front().command));
  CHECK(complete.serial == f.draft(7).serial);
}

TEST_CASE("a task that is under way is not taken twice") {
  Fixture f;
  const auto draft = f.draft(1);
  const engine::SigningTask task{{"csr/jane"}, engine::Uid{"u"}, draft.serial, draft.issuer, draft.tbs};
  f.commit({f.issuing("csr/jane", 1)});
  f.pool.resume(task);
  f.signer.gate.set_value();
  auto first = f.door.wait_for(1);
  f.pool.resume(task);  // not yet recorded
  f.commit({f.issuing("csr/next", 2)});
  CHECK(f.door.wait_for(1).front().stream.text == "csr/next");
  CHECK(f.signer.calls == 2);
  // Once it is refused it may come again, by the same command.
  first.front().done(
      std::unexpected(engine::Refusal{engine::Refusal::Kind::disk_full, "the disk is full", {}, false}));
  CHECK(f.door.wait_for_complaints(1).front() ==
        "the certificate of csr/jane was not recorded: the disk is full");
  f.pool.resume(task);
  CHECK(f.door.wait_for(1).front().context.command == first.front().context.command);
}

TEST_CASE("what waits while the signer is at work is handed over at once") {
  Fixture f;
  f.commit({f.issuing("csr/0", 0)});
  while (f.signer.calls == 0) std::this_thread::yield();
  std::vector<engine::Record> records;
  for (std::uint8_t i = 1; i <= 10; ++i) records.push_back(f.issuing("csr/" + std::to_string(i), i));
  f.commit(std::move(records));
  f.signer.gate.set_value();
  f.door.wait_for(11);
  CHECK(f.door.batches() == std::vector<std::size_t>{1, 10});
}

TEST_CASE("a signature that fails is reported and can be tried again") {
  Fixture f;
  f.signer.broken = true;
  f.signer.gate.set_value();
  f.commit({f.issuing("csr/jane", 1)});
  CHECK(f.door.wait_for_complaints(1).front() == "csr/jane cannot be signed: the token is away");
  f.signer.broken = false;
  const auto draft = f.draft(1);
  // The task is forgotten a moment after the complaint: the timers bring it again until it is taken.
  while (f.door.count() == 0) {
    f.pool.resume({{"csr/jane"}, engine::Uid{"u"}, draft.serial, draft.issuer, draft.tbs});
    std::this_thread::yield();
  }
  CHECK(f.door.wait_for(1).size() == 1);
}

TEST_CASE("the pool stops with work waiting") {
  Fixture f;
  f.signer.gate.set_value();
  std::vector<engine::Record> records;
  for (std::uint8_t i = 0; i < 100; ++i) records.push_back(f.issuing("csr/" + std::to_string(i), i));
  f.commit(std::move(records));
  f.pool.stop();
  f.pool.stop();
  CHECK(f.door.count() <= 100);
}
