// One certificate that the agent keeps: its files, what is remembered and heard of it, and the steps that the
// keeper decides on, done.
#pragma once

#include "agent/configuration.hpp"
#include "agent/installer.hpp"
#include "agent/keeper.hpp"
#include "agent/kept_certificate.hpp"
#include "agent/notes.hpp"
#include "agent/server.hpp"

namespace csrflow::agent {

/// Belongs to one thread; the configuration and the note book outlive it. Calls throw FileError and
/// StateError.
class KeptUnit {
 public:
  KeptUnit(FileSystem&, NoteBook&, const Configuration&, const KeptCertificate&);

  const KeptCertificate& kept() const { return kept_; }
  const std::string& name() const { return kept_.wish.name; }
  const Held& held() const { return held_; }
  const Notes& notes() const { return notes_; }
  std::filesystem::path place() const { return state_.current_path(); }

  Step next(Standing, engine::Timestamp now) const;

  /// What the server says of one of its requests; others are passed over.
  void hear(const RequestObject&);
  void hear_deleted(const std::string& request);
  /// The server's list is complete: a request that is not in it is not there.
  void hear_list(const RequestList&);
  /// What was heard of the pending request may be old.
  void forget();

  Answer<void> ask(Server&, const Ask&);
  Answer<void> take_up(Server&);
  /// Over a connection that shows the expired certificate; its key signs, too. The successor as it is.
  Answer<RequestObject> rekey(Server&);
  void abandon(const Abandon&, engine::Timestamp now);
  /// A failed attempt; the next one waits.
  void fail(const std::string& problem, engine::Timestamp now);

  struct InPlace {
    std::optional<Placed> placed;  ///< to be completed
  };
  /// Checks and swaps. `otherwise`: what to trust (PEM) where neither the configuration nor the server says
  /// more.
  Answer<InPlace> install(Installer&, Server*, const engine::Bytes& otherwise, engine::Timestamp now);
  /// Takes up a swap after which the agent stopped.
  InPlace resume(Installer&);
  void completed(const InstallResult&, engine::Timestamp now);

  /// Sends what the server has not been told yet.
  Answer<void> send_report(Server&);

  /// The serving certificate and its key, to identify oneself with; nothing when there is none.
  std::optional<Credentials> credentials();

 private:
  Unit unit() { return {.wish = kept_.wish, .state = state_, .probe = kept_.probe}; }
  void look();
  /// The agent was stopped between the last step of an install and its note.
  void adopt();
  void make_pending();
  NewRequest request_of(const PendingRequest&) const;
  Answer<engine::Bytes> authorities(Server*, const engine::Bytes& otherwise) const;
  void not_installed(const InstallFailed&, engine::Timestamp now);
  void write_report(InstallationReport::Outcome, std::string_view step, const std::string& message,
                    const engine::Serial&, engine::Timestamp now);
  void keep_notes();

  FileSystem& files_;
  NoteBook& book_;
  const Configuration& configuration_;
  const KeptCertificate& kept_;
  std::string digest_;
  StateDirectory state_;
  Notes notes_;
  Held held_;
  Heard heard_;
  std::string predecessor_;              // of the pending request
  std::optional<RequestObject> issued_;  // the pending request, with its certificate
  engine::Timestamp valid_from_;         // of a delivered certificate: by the host's clock, not yet
};

}  // namespace csrflow::agent
