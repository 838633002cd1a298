// Puts delivered certificates in place and sees to it that they are served, or that the old ones are again.
//
// Certificates whose services are reloaded by one hook and that arrive together go through it together:
// `place` each of them, then `complete` all: one hook, a probe each, and back with those that failed.
#pragma once

#include "agent/certificate_checks.hpp"
#include "agent/hook.hpp"
#include "agent/probe.hpp"
#include "agent/state_directory.hpp"

namespace csrflow::agent {

/// One certificate on this host. What it refers to outlives it.
struct Unit {
  const CertificateWish& wish;
  StateDirectory& state;
  std::optional<Probe> probe;
};

enum class InstallStep { check, write, hook, probe };
/// `check`, `write`, `hook`, `probe`.
std::string_view name_of(InstallStep);

/// `current` serves it, and its service does as far as a probe is configured; the pending key is settled.
struct Installed {
  Version version;
};
/// Nothing was swapped at `check` and, but for a failure to remove what is no longer needed, `write`. At
/// `hook` and `probe` the new certificate stays in place, because there is none to go back to: no other, or
/// only one that is expired or revoked. The pending key stays, so that a retry goes on from here.
struct InstallFailed {
  InstallStep step;
  std::string message;         ///< a sentence
  std::optional<Check> check;  ///< which one failed, at `check`
  std::string output;          ///< of the hook
};
/// The old certificate is in place again, and the hook was told. The pending key stays: a retry installs the
/// same certificate again.
struct RolledBack {
  InstallStep step;
  std::string message;
  std::string output;
  Version serving;
  /// Why the hook failed that was to bring the old certificate back, if it did.
  std::optional<std::string> second_failure;
};
/// The agent is stopping; after its restart `swapped` says that hook and probe are still to come.
struct InstallStopped {};
using InstallResult = std::variant<Installed, InstallFailed, RolledBack, InstallStopped>;

/// In place, but neither told nor probed.
struct Placed {
  Unit unit;
  Version version;
  engine::Bytes leaf;  ///< DER
  bool old_revoked = false;
};
using Placement = std::variant<Placed, NotYetValid, InstallFailed>;

class Installer {
 public:
  Installer(HookRunner& hooks, Prober& prober, HostClock& clock, ProbeTiming timing = {})
      : hooks_(hooks), prober_(prober), clock_(clock), timing_(timing) {}

  /// Checks the certificate of the pending request and swaps `current` to it. `issued_at`: when the server
  /// signed it.
  Placement place(const Unit&, const Delivery&, engine::Timestamp issued_at);
  /// Takes up a swap after which the agent stopped, or hook or probe failed; nothing when there is none.
  /// Throws FileError and StateError.
  std::optional<Placed> resume(const Unit&, const std::optional<engine::Bytes>& crl = std::nullopt);
  /// One hook for all of them, then the probes. The results are in the order of the units; the step that a
  /// failure names is that of its own certificate.
  std::vector<InstallResult> complete(std::vector<Placed>, const Hook&, std::stop_token);

 private:
  struct Way;
  void tell(std::vector<Way>&, const Hook&);
  void probe(Way&, std::stop_token);
  /// Why the hook failed, if it did.
  std::optional<std::string> go_back(std::vector<Way>&, const Hook&);
  InstallResult end_of(Way&, const std::optional<std::string>& second_failure);

  HookRunner& hooks_;
  Prober& prober_;
  HostClock& clock_;
  ProbeTiming timing_;
};

}  // namespace csrflow::agent
