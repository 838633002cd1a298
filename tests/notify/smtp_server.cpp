#include "tests/notify/smtp_server.hpp"

#include "engine/base64.hpp"

namespace csrflow::notify::test {
namespace {

std::string read_message(Connection& connection) {
  std::string message;
  for (std::string line = connection.line(); line != "."; line = connection.line())
    message += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
  return message;
}

}  // namespace

SmtpServer::SmtpServer(SmtpRules rules)
    : rules_(std::move(rules)), server_([this](Connection& connection) { serve(connection); }) {}

std::vector<SmtpTalk> SmtpServer::talks(std::size_t count) {
  std::unique_lock lock(mutex_);
  if (!ended_.wait_for(lock, std::chrono::seconds(20), [&] { return talks_.size() >= count; }))
    throw std::runtime_error("nobody talked to the test's mail server");
  return talks_;
}

void SmtpServer::serve(Connection& connection) {
  SmtpTalk said;
  try {
    talk(connection, said);
  } catch (const std::runtime_error&) {
    said.commands.push_back("(gone)");
  }
  const std::scoped_lock lock(mutex_);
  talks_.push_back(std::move(said));
  ended_.notify_all();
}

void SmtpServer::talk(Connection& connection, SmtpTalk& said) {
  if (rules_.tls == SmtpRules::Tls::from_the_start) connection.start_tls(identity_);
  connection.say("220 localhost ESMTP\r\n");
  while (true) {
    const std::string command = connection.line();
    if (command.starts_with("MAIL FROM")) said.encrypted_at_mail = connection.encrypted();
    const std::string answer = reply(command, said);
    connection.say(answer + "\r\n");
    if (answer.starts_with("334")) connection.say(judge_login(connection.line(), said) + "\r\n");
    if (command == "QUIT") return;
    if (command == "STARTTLS" && answer.starts_with('2')) connection.start_tls(identity_);
    if (command == "DATA" && answer.starts_with('3')) {
      said.message = read_message(connection);
      connection.say(reply(".", said) + "\r\n");
    }
  }
}

std::string SmtpServer::reply(const std::string& command, SmtpTalk& said) const {
  said.commands.push_back(command);
  if (const auto other = rules_.says.find(command); other != rules_.says.end()) return other->second;
  if (command.starts_with("EHLO")) {
    std::string answer = "250-localhost";
    if (rules_.tls == SmtpRules::Tls::start_tls) answer += "\r\n250-STARTTLS";
    if (!rules_.login.empty()) answer += "\r\n250-AUTH PLAIN";
    return answer + "\r\n250 8BITMIME";
  }
  if (command == "AUTH PLAIN") return "334 ";
  if (command == "DATA") return "354 go on";
  if (command == "QUIT") return "221 bye";
  if (command == "STARTTLS") return "220 go on";
  return "250 fine";
}

std::string SmtpServer::judge_login(const std::string& credentials, SmtpTalk& said) const {
  const std::size_t colon = rules_.login.find(':');
  const std::string wanted = '\0' + rules_.login.substr(0, colon) + '\0' + rules_.login.substr(colon + 1);
  said.logged_in = engine::decode_base64(credentials).value_or("") == wanted;
  return said.logged_in ? "235 welcome" : "535 5.7.8 wrong password";
}

}  // namespace csrflow::notify::test
