// csrflow's own two certificates at run time: the first ones are waited for, later ones arrive from the log.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>

#include "engine/timers.hpp"
#include "engine/writer.hpp"

namespace csrflow::tools {

/// Hears of every new one. Thread-safe.
class OwnCertificatesInUse : public engine::Follower {
 public:
  void committed(const std::shared_ptr<const engine::Batch>&) override;

  /// Makes sure that both exist and are valid; returns when they do. `resume` finishes what a crash left
  /// open; `fits` says whether a certificate (PEM) of this name is still good: over our key, with all that it
  /// must name. One that is not is replaced. Throws engine::LogFailure when the signer does not answer in
  /// time.
  void ensure(engine::EventReader&, engine::Writer&, const engine::Clock&,
              const std::function<void(engine::SigningTask)>& resume,
              const std::function<bool(const std::string& name, const engine::Bytes& pem)>& fits);

  /// PEM of the newest.
  engine::Bytes server() const { return newest("server"); }
  engine::Bytes admin() const { return newest("admin"); }

  /// Called on the writer's thread with the stream's name (`server`, `admin`) for each one from now on.
  void on_change(std::function<void(const std::string&)>);

 private:
  engine::Bytes newest(const std::string& name) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, engine::OwnSigned> newest_;    // guarded by mutex_
  std::function<void(const std::string&)> on_change_;  // guarded by mutex_
};

}  // namespace csrflow::tools
