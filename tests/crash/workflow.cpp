// One request from nothing to its certificate, killed at the N-th step: before or after each durable append
// and each use of the CA's key. Prints what it acknowledges. `workflow DIR REQUEST.pem N`; N = 0 is never
// killed.
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "engine/timers.hpp"
#include "engine/writer.hpp"
#include "signer/certificate_authority.hpp"
#include "signer/keys.hpp"
#include "signer/random.hpp"
#include "signer/signing_pool.hpp"
#include "store/event_log.hpp"
#include "store/sha256.hpp"
#include "tools/establish.hpp"
#include "tools/own_certificates.hpp"
#include "tools/system_clock.hpp"

namespace {

using namespace csrflow;
using namespace csrflow::engine;

/// Ends the process as a power cut would, at the step that the command line names.
struct Death {
  std::uint64_t at = 0;
  std::atomic<std::uint64_t> steps = 0;
  void step() {
    if (++steps == at) ::kill(::getpid(), SIGKILL);
  }
};

struct MortalLog : EventLog {
  MortalLog(EventLog& log, Death& death) : log_(log), death_(death) {}
  std::expected<void, AppendConflict> append(Position head, std::span<const NewEvent> events) override {
    death_.step();
    auto done = log_.append(head, events);
    death_.step();
    return done;
  }
  std::unique_ptr<EventReader> reader() const override { return log_.reader(); }
  void idle() override { log_.idle(); }
  EventLog& log_;
  Death& death_;
};

/// Notes every use of the key in a file, before it happens.
struct MortalSigner : CertificateSigner {
  MortalSigner(CertificateSigner& signer, Death& death, const std::string& notes)
      : signer_(signer), death_(death), notes_(notes, std::ios::app) {}
  std::expected<Bytes, std::string> sign(const std::string& ski, const Bytes& tbs) override {
    Sha256 digest = store::sha256(tbs);
    notes_ << to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}) << std::endl;
    death_.step();
    auto done = signer_.sign(ski, tbs);
    death_.step();
    return done;
  }
  CertificateSigner& signer_;
  Death& death_;
  std::ofstream notes_;
};

/// Wakes the client when its certificate is in the log.
struct Waiting : Follower {
  void committed(const std::shared_ptr<const Batch>& batch) override {
    for (const Record& record : *batch)
      if (const CsrEvent* event = record.csr_event(); event && std::holds_alternative<Signed>(*event)) {
        std::lock_guard lock(mutex);
        there = true;
        changed.notify_all();
      }
  }
  void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return there; });
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool there = false;  // guarded by mutex
};

Create request(const std::string& pem, Random& random, const Issuer& issuer) {
  CsrSpec spec{.request = pem,
               .signer_name = {"kubernetes.io/kube-apiserver-client"},
               .expiration_seconds = 3600,
               .usages = {"client auth"},
               .username = "jane",
               .uid = {},
               .groups = {},
               .extra = {}};
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  Create create{.object = {}, .lifetime = issuer.lifetime(spec.signer_name, spec.expiration_seconds)};
  create.object.meta.name = "jane";
  create.object.meta.uid = make_uid(bytes);
  create.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
  return create;
}

void acknowledge(const char* what) {
  std::cout << what << std::endl;
}

std::string text_of(const char* path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// What a client does that tries until it has its certificate, over any number of crashes.
void client(Writer& writer, Random& random, const Issuer& issuer, const std::string& pem, Waiting& waiting,
            EventReader& reader) {
  StreamId stream = csr_stream("jane");
  auto call = [&](CsrCommand command) {
    return writer.call({stream, Command(std::move(command)), {}, false, {}});
  };
  auto state = [&] { return std::get<CsrState>(fold(stream, reader.stream(stream))); };
  if (call(request(pem, random, issuer))) acknowledge("created");
  if (!state().object->status.has(condition::approved)) {
    Change change{.base = state().resource_version, .change = {}, .certificate = {}};
    change.change.conditions = std::vector<Condition>{{"Approved", "True", "Test", "", {}, {}}};
    if (call(change)) acknowledge("approved");
  }
  if (state().ledger.empty()) waiting.wait();
  acknowledge("signed");
}

}  // namespace

int main(int, char** argv) {
  Death death{.at = std::strtoull(argv[3], nullptr, 10)};
  tools::SystemClock clock;
  signer::SystemRandom random;
  store::DataDirectory directory{argv[1]};
  tools::KeyFiles keys{argv[1]};
  store::SqliteEventLog sqlite(directory);
  MortalLog log(sqlite, death);
  tools::Established established = tools::establish(log, keys, clock, random, {});
  signer::KeyPtr server = signer::generate_p256(), admin = signer::generate_p256();
  signer::BuiltInIssuer issuer(established.authority, {},
                               {signer::spki_of(*server), signer::spki_of(*admin), {"localhost"}});
  MortalSigner signer(*established.key, death, std::string(argv[1]) + "/key-uses");

  Waiting waiting;
  tools::OwnCertificatesInUse own;
  std::unique_ptr<Writer> writer;
  signer::SigningPool pool(
      signer, [&](auto results) { writer->submit(std::move(results)); }, [](const std::string&) {});
  writer = std::make_unique<Writer>(
      log, clock, random, issuer, "csrflow crash test", std::vector<Follower*>{&waiting, &own, &pool},
      [](const std::string& why) {
        std::cerr << why << '\n';
        std::abort();
      },
      store::sha256);
  auto reader = log.reader();
  own.ensure(
      *reader, *writer, clock, [&](SigningTask task) { pool.resume(std::move(task)); },
      [](const std::string&, const Bytes&) { return true; });
  StreamId jane = csr_stream("jane");
  State state = fold(jane, reader->stream(jane));
  for (const Timer& timer : timers_of(jane, state, store::sha256, nullptr))
    if (auto task = signing_task(timer, state)) pool.resume(std::move(*task));
  client(*writer, random, issuer, text_of(argv[2]), waiting, *reader);
  pool.stop();
  writer->stop();
}
