#include "tools/establish.hpp"

#include "engine/catalogue.hpp"
#include "engine/writer.hpp"
#include "signer/inspector.hpp"
#include "signer/keys.hpp"
#include "store/sha256.hpp"

namespace csrflow::tools {
namespace {

using namespace engine;

/// The CA is among the first events of a log.
constexpr std::size_t events_to_the_authority = 64;

/// While there is no CA nothing can be drafted.
struct NoIssuer : Issuer {
  bool serves(const SignerName&) const override { return false; }
  Duration lifetime(const SignerName&, std::optional<std::int32_t>) const override { return {}; }
  std::optional<Duration> patience(const SignerName&) const override { return {}; }
  Drafted draft(const CsrSpec&, Timestamp, std::span<const std::uint8_t, 16>,
                const IssueTerms&) const override {
    return NotNow{"there is no CA yet"};
  }
  Drafted draft_own(OwnCertificate, Timestamp, std::span<const std::uint8_t, 16>) const override {
    return NotNow{"there is no CA yet"};
  }
};

std::string hex_of(const Sha256& digest) {
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

class Setup {
 public:
  Setup(EventLog& log, const KeyFiles& files, const Clock& clock, Random& random, const ServeOptions& options)
      : files_(files),
        clock_(clock),
        random_(random),
        options_(options),
        reader_(log.reader()),
        writer_(
            log, clock, random, issuer_, program_name(), {}, [](const std::string&) {}, store::sha256) {}

  void log_stream() {
    StreamId stream = stream_of("log", "events");
    auto state = std::get<LogState>(fold(stream, reader_->stream(stream)));
    signer::KeyPtr key = log_key(state);
    std::string origin = state.created ? state.created->origin : new_origin();
    std::string verifier = signer::log_verifier_key(origin, signer::ed25519_public(*key));
    if (state.created && state.created->log_key != verifier)
      throw SetupError(files_.log_key().string() +
                       " is not the key that this log names: restore the right one from a backup");
    send(stream, LogCommand(CreateLog{.origin = origin, .log_key = verifier, .time = {}}));
    send(stream, LogCommand(OpenLog{program_name(), hex_of(store::sha256(catalogue_text()))}));
  }

  Established authority() {
    signer::Secret passphrase;
    if (options_.ca_key_passphrase_file)
      passphrase = signer::read_passphrase(*options_.ca_key_passphrase_file);
    std::optional<StreamId> known = known_authority();
    bool there = std::filesystem::exists(files_.ca_key());
    if (known && !there)
      throw SetupError(files_.ca_key().string() +
                       " is missing, but the log has the CA of this key: restore it from a backup");
    if (!there) signer::save_private_key(files_.ca_key(), *signer::generate_p256(), passphrase);
    signer::KeyPtr key = signer::load_private_key(files_.ca_key(), passphrase);
    Bytes spki = signer::spki_of(*key);

    std::array<std::uint8_t, 16> random{};
    random_.fill(random);
    signer::AuthorityDraft draft = signer::draft_authority(spki, clock_.now(), random);
    StreamId stream = stream_of("ca", draft.ski);
    if (known && *known != stream)
      throw SetupError(files_.ca_key().string() + " is not the key of the CA in this log (" + known->name() +
                       "): restore the right one from a backup");
    auto signing = std::make_unique<signer::KeySigner>(std::move(key), draft.ski);
    send(stream, AuthorityCommand(RecordKey{"ecdsa-p256", spki, draft.tbs}));
    Bytes pem = certificate(stream, *signing, draft.ski);
    auto authority = signer::read_authority(pem);
    if (!authority) throw SetupError("the CA in the log cannot issue: " + authority.error());
    return {std::move(*authority), std::move(signing)};
  }

 private:
  signer::KeyPtr log_key(const LogState& state) {
    if (!std::filesystem::exists(files_.log_key())) {
      if (state.created)
        throw SetupError(files_.log_key().string() +
                         " is missing, but the log names it: restore it from a backup");
      signer::save_private_key(files_.log_key(), *signer::generate_ed25519());
    }
    return signer::load_private_key(files_.log_key());
  }

  std::string new_origin() {
    if (!options_.origin.empty()) return options_.origin;
    std::array<std::uint8_t, 16> random{};
    random_.fill(random);
    return "csrflow.local/" + to_hex({reinterpret_cast<const char*>(random.data()), random.size()});
  }

  std::optional<StreamId> known_authority() {
    for (const StoredEvent& e : reader_->after({}, events_to_the_authority))
      if (e.stream.category() == "ca") return e.stream;
    return std::nullopt;
  }

  /// The recorded certificate; signs the recorded bytes when a start ended before it was there.
  Bytes certificate(const StreamId& stream, signer::KeySigner& key, const std::string& ski) {
    auto state = std::get<AuthorityState>(fold(stream, reader_->stream(stream)));
    if (state.issued) return state.issued->certificate;
    auto der = key.sign(ski, state.key->tbs);
    if (!der) throw SetupError("the CA's key cannot sign its own certificate: " + der.error());
    IssuedCertificate issued = signer::issued_certificate(*der);
    auto facts = signer::OpenSslInspector().check_certificate(issued.pem);
    if (!facts) throw SetupError("the CA's certificate cannot be read: " + facts.error());
    send(stream, AuthorityCommand(RecordCa{facts->serial, facts->not_before, facts->not_after,
                                           issued.fingerprint, issued.pem}));
    return issued.pem;
  }

  void send(const StreamId& stream, Command command) {
    auto done = writer_.call({stream, std::move(command), {.actor = system_actor("setup")}, false, {}});
    if (!done) throw LogFailure(done.error().message, false);
  }

  const KeyFiles& files_;
  const Clock& clock_;
  Random& random_;
  const ServeOptions& options_;
  NoIssuer issuer_;
  std::unique_ptr<EventReader> reader_;
  Writer writer_;
};

}  // namespace

Established establish(EventLog& log, const KeyFiles& files, const Clock& clock, Random& random,
                      const ServeOptions& options) {
  Setup setup(log, files, clock, random, options);
  setup.log_stream();
  return setup.authority();
}

}  // namespace csrflow::tools
