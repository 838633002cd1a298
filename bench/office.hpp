// csrflow without its API: the log, the CA, the views and the writer, wired as the server wires them.
#pragma once

#include <functional>
#include <memory>

#include "api/presenter.hpp"
#include "engine/scheduler.hpp"
#include "engine/writer.hpp"
#include "policies/rotation_book.hpp"
#include "signer/certificate_authority.hpp"
#include "signer/inspector.hpp"
#include "signer/random.hpp"
#include "signer/signing_pool.hpp"
#include "store/event_log.hpp"
#include "store/projector.hpp"
#include "tools/establish.hpp"

namespace csrflow::bench {

class Office {
 public:
  using Fail = std::function<void(const std::string&)>;

  /// `directory` is made. `further` hear of every commit after the office's own; `fail` is called from any
  /// thread when something has failed for good. `clock` outlives it.
  Office(const std::filesystem::path& directory, const engine::Clock& clock,
         const std::vector<engine::Follower*>& further, const Fail& fail);
  ~Office();

  engine::Writer& writer() { return *writer_; }
  engine::Random& random() { return random_; }
  const engine::PkixInspector& inspector() const { return inspector_; }
  const engine::Issuer& issuer() const { return issuer_; }
  const store::SqliteEventLog& log() const { return log_; }
  const store::DataFiles& files() const { return directory_.files(); }
  store::Projector& views() { return views_; }
  /// Its time runs by the office's clock alone.
  std::unique_ptr<engine::Scheduler> make_scheduler(engine::Scheduler::Complain);

 private:
  const engine::Clock& clock_;
  signer::SystemRandom random_;
  signer::OpenSslInspector inspector_;
  store::DataDirectory directory_;
  store::SqliteEventLog log_;
  tools::Established established_;
  signer::BuiltInIssuer issuer_;
  api::Presenter presenter_;
  store::Projector views_;
  signer::SigningPool pool_;
  policies::RotationBook rotation_;
  engine::CommitWatch commits_;
  std::unique_ptr<engine::Writer> writer_;
};

}  // namespace csrflow::bench
