// Mails to a real server of the test's own.
#include "notify/mail.hpp"

#include "notify/mail_message.hpp"
#include "tests/catch.hpp"
#include "tests/notify/news.hpp"
#include "tests/notify/smtp_server.hpp"

using namespace csrflow;
using namespace csrflow::notify;
using namespace csrflow::notify::test;
using Security = engine::Mail::Security;
using Tls = SmtpRules::Tls;

namespace {

struct Office {
  explicit Office(SmtpRules rules = {}) : server(std::move(rules)) {
    put(folder / "ca.pem", server.identity().pem());
  }

  engine::Mail mail() const {
    return {.server = server.address(),
            .security = Security::start_tls,
            .ca_file = folder / "ca.pem",
            .username = {},
            .password_file = {},
            .from = "csrflow@example.com",
            .to = {"jane@example.com", "ops@example.com"}};
  }
  std::expected<void, engine::DeliveryFailure> send(const engine::Mail& mail) {
    return send_mail(
        mail, news(), [this](const std::string& why) { complaints.push_back(why); }, {}, engine::seconds(20));
  }
  engine::DeliveryFailure failure(const engine::Mail& mail) {
    const auto sent = send(mail);
    REQUIRE_FALSE(sent);
    return sent.error();
  }
  SmtpTalk only_talk() {
    const auto talks = server.talks(1);
    REQUIRE(talks.size() == 1);
    return talks.front();
  }

  Folder folder;
  std::vector<std::string> complaints;
  SmtpServer server;
};

bool says(const engine::DeliveryFailure& failure, const std::string& text) {
  INFO(failure.message);
  return failure.message.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a mail goes through STARTTLS to every receiver") {
  SmtpTalk talk;
  {
    Office office;
    const auto sent = office.send(office.mail());
    INFO((sent ? "" : sent.error().message));
    REQUIRE(sent);
    CHECK(office.complaints.empty());
    talk = office.only_talk();
    CHECK(talk.message == mail_message(office.mail(), news()));
  }
  CHECK(talk.encrypted_at_mail);
  const auto& said = talk.commands;
  CHECK(std::ranges::count(said, "STARTTLS") == 1);
  CHECK(std::ranges::count(said, "MAIL FROM:<csrflow@example.com>") == 1);
  CHECK(std::ranges::count(said, "RCPT TO:<jane@example.com>") == 1);
  CHECK(std::ranges::count(said, "RCPT TO:<ops@example.com>") == 1);
}

TEST_CASE("a server without STARTTLS gets nothing, not even the sender") {
  Office office({.tls = Tls::none, .login = "csrflow:pass phrase", .says = {}});
  auto mail = office.mail();
  mail.username = "csrflow";
  mail.password_file = secret_in(office.folder, "pass phrase\n");
  const auto failure = office.failure(mail);
  CHECK_FALSE(failure.lasting);
  const auto said = office.only_talk().commands;
  CHECK(std::ranges::none_of(
      said, [](const auto& line) { return line.starts_with("MAIL") || line.starts_with("AUTH"); }));
}

TEST_CASE("a mail server must be who it says") {
  Office office;
  auto mail = office.mail();
  mail.ca_file = {};
  CHECK(says(office.failure(mail), "certificate"));
  CHECK(office.only_talk().message.empty());
}

TEST_CASE("a mail over TLS from the start, and one without any") {
  Office encrypted({.tls = Tls::from_the_start, .login = {}, .says = {}});
  auto mail = encrypted.mail();
  mail.security = Security::tls;
  REQUIRE(encrypted.send(mail));
  CHECK(encrypted.only_talk().encrypted_at_mail);

  Office open({.tls = Tls::none, .login = {}, .says = {}});
  mail = open.mail();
  mail.security = Security::none;
  REQUIRE(open.send(mail));
  CHECK_FALSE(open.only_talk().encrypted_at_mail);
}

TEST_CASE("a login's password is read from its file at each try") {
  Office office({.tls = Tls::start_tls, .login = "csrflow:pass phrase", .says = {}});
  auto mail = office.mail();
  mail.username = "csrflow";
  mail.password_file = secret_in(office.folder, "an old one\n");
  const auto wrong = office.failure(mail);
  CHECK_FALSE(wrong.lasting);
  CHECK(says(wrong, "535 5.7.8 wrong password"));
  CHECK_FALSE(says(wrong, "an old one"));

  put(mail.password_file, "pass phrase\n", 0600);
  REQUIRE(office.send(mail));
  CHECK(office.server.talks(2).back().logged_in);

  put(mail.password_file, "pass phrase\n", 0644);
  CHECK(says(office.failure(mail), "can be reached by everybody"));
}

TEST_CASE("one receiver that is refused does not keep the others from their mail") {
  Office office({.tls = Tls::start_tls,
                 .login = {},
                 .says = {{"RCPT TO:<jane@example.com>", "550 5.1.1 no such user"}}});
  REQUIRE(office.send(office.mail()));
  CHECK_FALSE(office.only_talk().message.empty());
  REQUIRE(office.complaints.size() == 1);
  CHECK(office.complaints.front().find("did not take the mail for everybody: 550 5.1.1 no such user") !=
        std::string::npos);
}

TEST_CASE("what a mail server's refusal means") {
  const std::map<std::string, std::string> nobody = {{"RCPT TO:<jane@example.com>", "550 5.1.1 no such user"},
                                                     {"RCPT TO:<ops@example.com>", "550 5.1.1 no such user"}};
  struct Case {
    std::map<std::string, std::string> says;
    bool lasting;
    std::string words;
  };
  for (const Case& c :
       {Case{nobody, true, "550 5.1.1 no such user"},
        Case{{{"MAIL FROM:<csrflow@example.com>", "553 5.7.1 not you"}}, true, "553 5.7.1 not you"},
        Case{{{"MAIL FROM:<csrflow@example.com>", "451 4.7.1 later"}}, false, "451 4.7.1 later"},
        Case{{{"DATA", "554 5.0.0 no"}}, true, "554 5.0.0 no"},
        Case{{{".", "552 5.3.4 too big"}}, true, "552 5.3.4 too big"},
        Case{{{".", "452 4.3.1 disk full"}}, false, "452 4.3.1 disk full"},
        Case{{{"STARTTLS", "454 4.7.0 no TLS today"}}, false, "454 4.7.0 no TLS today"}}) {
    Office office({.tls = Tls::start_tls, .login = {}, .says = c.says});
    const auto failure = office.failure(office.mail());
    INFO(failure.message);
    CHECK(failure.lasting == c.lasting);
    CHECK(says(failure, c.words));
  }
}

TEST_CASE("a sink for mail that cannot be used says why") {
  Office office;
  auto mail = office.mail();
  mail.from = "csrflow@example.com>\r\nRCPT TO:<x@example.com";
  CHECK(says(office.failure(mail), "the sender is no e-mail address"));
  mail = office.mail();
  mail.to = {"jane"};
  CHECK(says(office.failure(mail), "the receiver is no e-mail address: jane"));
  mail.to = {};
  CHECK(says(office.failure(mail), "the mail has no receivers"));
  for (const char* server :
       {"", "smtp.example.com:587/x", "user@smtp.example.com:587", "smtp.example.com:587?x", "a b"}) {
    mail = office.mail();
    mail.server = server;
    INFO(server);
    CHECK(says(office.failure(mail), "the mail server is not written as smtp.example.com:587"));
  }
  mail = office.mail();
  mail.server = "smtp.example.com:25";
  mail.security = Security::none;
  mail.username = "csrflow";
  CHECK(says(office.failure(mail), "a login at smtp.example.com needs TLS"));
  CHECK(office.server.talks(0).empty());
}

TEST_CASE("a mail server that is silent is given up after the time limit") {
  LocalServer silent([](Connection& connection) { connection.wait_until_gone(); });
  const engine::Mail mail{
      .server = silent.address(), .from = "csrflow@example.com", .to = {"jane@example.com"}};
  const auto sent = send_mail(mail, news(), [](const auto&) {}, {}, {200'000});
  REQUIRE_FALSE(sent);
  CHECK_FALSE(sent.error().lasting);
}
