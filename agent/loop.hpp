// The agent at work: keeps every certificate of its configuration, on one thread, until it is stopped.
#pragma once

#include <list>

#include "agent/kept_unit.hpp"
#include "agent/service_manager.hpp"

namespace csrflow::agent {

/// What the loop needs of the machine. All of it outlives the loop.
struct Surroundings {
  FileSystem& files;
  HostClock& clock;
  Prober& prober;
  /// Runs hooks with this time limit.
  std::function<std::unique_ptr<HookRunner>(engine::Duration limit)> hooks;
  Servers servers;
  ServiceManager& manager;
  std::function<void(const std::string& sentence)> tell;  ///< for the operator's log
};

/// Certificates of one service that arrive within this time share a reload.
constexpr engine::Duration reload_gathering = engine::seconds(2);

/// How the certificates are, at the end of one look.
struct Summary {
  Health worst = Health::valid;
  bool failed = false;   ///< something was to be done and was not, or somebody has to act
  bool waiting = false;  ///< a request is with the server
};

class Loop {
 public:
  /// `authorities`: PEM, what the configuration trusts. A certificate whose directory cannot be used is told
  /// and tried again.
  Loop(const Configuration&, engine::Bytes authorities, Surroundings);

  /// Until the stop; what serves stays.
  void run(std::stop_token);
  /// Does what is to be done, waits at most `patience` for the server's word, and ends.
  Summary once(engine::Duration patience, std::stop_token);

 private:
  /// A certificate in place whose service is to be told.
  struct Waiting {
    KeptUnit* unit;
    Placed placed;
    engine::Timestamp since;
  };

  void open_units();
  /// Everything that can be done at this moment. The instant of the next look, unless the server says
  /// something.
  engine::Timestamp look(std::stop_token);
  engine::Timestamp look_at(KeptUnit&);
  bool act(KeptUnit&, const Step&);
  bool act_with_server(KeptUnit&, const Step&);
  /// Whether anything was.
  bool complete_gathered(bool all, std::stop_token);
  void follow(Server&, const RequestObject& successor);
  void tell_outcome(KeptUnit&, bool installed);
  bool gathered(const KeptUnit&) const;
  void send_reports();
  void poll();

  Identity identity_for(const KeptUnit&) const;
  Server* server();
  std::unique_ptr<Server> expired_identity();
  void meet();
  /// Waits for a change, a stop or the instant, and takes the change in.
  void wait(engine::Timestamp until, std::stop_token);
  void take_in(const RequestChange&);
  /// True when the failure says something of the connection rather than of the request.
  bool lost(const CallFailure&);
  void tell(const KeptUnit*, const std::string& sentence);
  void show_status();
  Summary summary() const;
  engine::Timestamp now() const { return around_.clock.now(); }

  const Configuration& configuration_;
  engine::Bytes authorities_;
  Surroundings around_;
  NoteBook book_;
  std::list<KeptUnit> units_;
  std::vector<const KeptCertificate*> unopened_;
  KeptUnit* identity_ = nullptr;
  std::list<Waiting> gathered_;

  std::unique_ptr<Server> server_;
  std::string server_caller_;  // as whom: the serial of the certificate, or `token`
  std::unique_ptr<Watch> watch_;
  bool met_ = false;  // the list was read since the connection was made
  bool list_forbidden_ = false;
  bool rekey_refused_ = false;
  std::uint32_t failures_ = 0;  // of the connection, in a row
  engine::Timestamp connect_at_;
  engine::Timestamp poll_at_;
  std::string token_;       // what the token file had at this look
  engine::StringMap told_;  // the last sentence of each certificate, so that it is said once
};

}  // namespace csrflow::agent
