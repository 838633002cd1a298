// A small mail server (RFC 5321) with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4616).
#pragma once

#include <condition_variable>
#include <map>
#include <vector>

#include "tests/notify/local_server.hpp"

namespace csrflow::notify::test {

struct SmtpRules {
  enum class Tls { none, start_tls, from_the_start };
  Tls tls = Tls::start_tls;
  std::string login;  ///< `user:password`; empty: none is asked for
  std::map<std::string, std::string>
      says;  ///< instead of yes, by the line that the client sends; `.` for the message
};

/// What one client said.
struct SmtpTalk {
  std::vector<std::string> commands;  ///< `STARTTLS`, `MAIL FROM:<…>` …; credentials left out
  bool encrypted_at_mail = false, logged_in = false;
  std::string message;  ///< with CR LF, dots unstuffed; empty: none came
};

class SmtpServer {
 public:
  explicit SmtpServer(SmtpRules = {});
  std::string address() const { return server_.address(); }
  const ServerIdentity& identity() const { return identity_; }
  /// Those that have ended; waits until there are so many.
  std::vector<SmtpTalk> talks(std::size_t count);

 private:
  void serve(Connection&);
  void talk(Connection&, SmtpTalk&);
  std::string reply(const std::string& command, SmtpTalk&) const;
  std::string judge_login(const std::string& credentials, SmtpTalk&) const;

  const SmtpRules rules_;
  const ServerIdentity identity_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<SmtpTalk> talks_;  // guarded by mutex_
  LocalServer server_;           // last: its thread uses everything above
};

}  // namespace csrflow::notify::test
