// csrflow without its API: the log, the CA, the views and the writer, wired as the server wires them.
#pragma once

#include <functional>
#include <memory>

#include "api/presenter.hpp"
#include "engine/writer.hpp"
#include "signer/certificate_authority.hpp"
#include "signer/inspector.hpp"
#include "signer/random.hpp"
#include "signer/signing_pool.hpp"
#include "store/event_log.hpp"
#include "store/projector.hpp"
#include "tools/establish.hpp"
#include "tools/system_clock.hpp"

namespace csrflow::bench {

class Office {
 public:
  using Fail = std::function<void(const std::string&)>;

  /// `directory` is made. `follower` hears of every commit; `fail` is called from any thread when something
  /// has failed for good.
  Office(const std::filesystem::path& directory, engine::Follower& follower, const Fail& fail);
  ~Office();

  engine::Writer& writer() { return *writer_; }
  engine::Random& random() { return random_; }
  const engine::PkixInspector& inspector() const { return inspector_; }
  const engine::Issuer& issuer() const { return issuer_; }
  const store::SqliteEventLog& log() const { return log_; }

 private:
  tools::SystemClock clock_;
  signer::SystemRandom random_;
  signer::OpenSslInspector inspector_;
  store::DataDirectory directory_;
  store::SqliteEventLog log_;
  tools::Established established_;
  signer::BuiltInIssuer issuer_;
  api::Presenter presenter_;
  store::Projector views_;
  signer::SigningPool pool_;
  std::unique_ptr<engine::Writer> writer_;
};

}  // namespace csrflow::bench
