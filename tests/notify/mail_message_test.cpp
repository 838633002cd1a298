// Mails as RFC 5322 has them, whatever is in the titles.
#include "notify/mail_message.hpp"

#include <random>
#include <sstream>

#include "engine/base64.hpp"
#include "engine/unicode.hpp"
#include "notify/message_text.hpp"
#include "tests/catch.hpp"
#include "tests/notify/news.hpp"

using namespace csrflow;
using namespace csrflow::notify;
using namespace csrflow::notify::test;

namespace {

const engine::Mail mail{
    .server = "127.0.0.1:25", .from = "csrflow@example.com", .to = {"jane@example.com", "ops@example.com"}};

struct Message {
  std::vector<std::string> headers;  // unfolded
  std::string body;
  std::string header(const std::string& name) const {
    for (const auto& line : headers)
      if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
    return {};
  }
};

Message parse(const std::string& text) {
  Message message;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find("\r\n", begin);
    REQUIRE(end != std::string::npos);
    const std::string line = text.substr(begin, end - begin);
    begin = end + 2;
    if (line.empty()) break;
    if (line.front() == ' ') {
      REQUIRE_FALSE(message.headers.empty());
      message.headers.back() += line;
    } else {
      message.headers.push_back(line);
    }
  }
  std::string encoded = text.substr(begin);
  message.body = engine::decode_base64(encoded, engine::LineBreaks::ignored).value();
  return message;
}

/// What a reader of mails shows (RFC 2047 6.2: blanks between encoded words go).
std::string shown_subject(const Message& message) {
  const std::string subject = message.header("Subject");
  if (!subject.starts_with("=?")) return subject;
  std::istringstream words(subject);
  std::string text;
  for (std::string word; words >> word;) {
    REQUIRE(word.starts_with("=?UTF-8?B?"));
    REQUIRE(word.ends_with("?="));
    CHECK(word.size() <= 75);
    const auto piece = engine::decode_base64(word.substr(10, word.size() - 12)).value();
    CHECK(engine::is_utf8(piece));
    text += piece;
  }
  return text;
}

const std::vector<std::string> header_names = {"Date",
                                               "From",
                                               "To",
                                               "Subject",
                                               "Message-ID",
                                               "Csrflow-Notification",
                                               "Auto-Submitted",
                                               "MIME-Version",
                                               "Content-Type",
                                               "Content-Transfer-Encoding"};

/// That nothing of the notification has become a header, and everything is ASCII in short lines.
void check_form(const std::string& text) {
  const Message message = parse(text);
  REQUIRE(message.headers.size() == header_names.size());
  for (std::size_t i = 0; i < header_names.size(); ++i)
    CHECK(message.headers[i].starts_with(header_names[i] + ": "));
  bool good = true;
  std::size_t line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    good = good && static_cast<unsigned char>(c) < 0x80;
    if (c == '\r') good = good && text[i + 1] == '\n';
    if (c == '\n') good = good && i > 0 && text[i - 1] == '\r';
    line = c == '\n' ? 0 : line + 1;
    good = good && line <= 998;
  }
  CHECK(good);
}

}  // namespace

TEST_CASE("a notification as a mail") {
  const std::string text = mail_message(mail, news());
  check_form(text);
  const Message message = parse(text);
  CHECK(message.header("Date") == "Tue, 01 Sep 2026 12:00:00 +0000");
  CHECK(message.header("From") == "csrflow@example.com");
  CHECK(message.header("To") == "jane@example.com, ops@example.com");
  CHECK(message.header("Subject") == "[csrflow] web-1 was not rotated");
  CHECK(message.header("Message-ID") == "<ops.4711.1788264000000250@example.com>");
  CHECK(message.header("Csrflow-Notification") == "ops/4711");
  CHECK(message.header("Auto-Submitted") == "auto-generated");
  CHECK(message.body ==
        "The signer is away.\r\nThe next attempt is at 13:00.\r\n\r\nevent:    rotation-failed\r\n"
        "object:   csr/web-1\r\nrecorded: 2026-09-01T12:00:00Z, at position 4711\r\nid:       ops/4711\r\n");
}

TEST_CASE("each try sends the same mail") {
  CHECK(mail_message(mail, news()) == mail_message(mail, news()));
}

TEST_CASE("titles that are not plain become encoded words") {
  for (const std::string& title :
       {std::string("Erneuerung für Zürich fehlgeschlagen"), std::string("更新失败 🔑 web-1"),
        std::string("=?UTF-8?B?aGk=?="), std::string(250, 'x'),
        std::string("é") + std::string(100, 'e') + "éééé"}) {
    INFO(title);
    const std::string text = mail_message(mail, news(title));
    check_form(text);
    CHECK(shown_subject(parse(text)) == "[csrflow] " + title);
  }
}

TEST_CASE("no title ends the subject") {
  auto notification = news("a\r\nBcc: everybody@example.com\r\n\r\nhello\x7f\xc2\x85 b");
  notification.id = "ops/1\r\nBcc: everybody@example.com";
  notification.text = "a\r\n.\r\nQUIT\rb\x1b[31m";
  const std::string text = mail_message(mail, notification);
  check_form(text);
  const Message message = parse(text);
  CHECK(shown_subject(message) == "[csrflow] a  Bcc: everybody@example.com    hello   b");
  CHECK(message.body.starts_with("a\r\n.\r\nQUIT\r\nb [31m\r\n"));
}

TEST_CASE("any bytes in a notification make a good mail") {
  std::mt19937 random(20260901);  // a fixed seed: a failure is the same each time
  for (int i = 0; i < 500; ++i) {
    auto bytes = [&] {
      std::string text(random() % 400, '\0');
      for (char& c : text)
        c = static_cast<char>(random() % 3 == 0 ? "\r\n=?\xc3\xa9"[random() % 6] : random());
      return text;
    };
    auto notification = news(bytes());
    notification.id = bytes();
    notification.text = bytes();
    notification.stream = bytes();
    const std::string text = mail_message(mail, notification);
    INFO(i);
    check_form(text);
    CHECK(shown_subject(parse(text)) == one_line("[csrflow] " + notification.title));
  }
}

TEST_CASE("what is an address") {
  for (const char* good : {"jane@example.com", "ops+csrflow@mail.example.com", "root@localhost"})
    CHECK(is_address(good));
  for (const char* bad :
       {"", "jane", "@example.com", "jane@", "jane@a@b", "jane@example.com\r\nRCPT TO:<x@y>", "a b@c.d",
        "<jane@example.com>", "Jane <jane@example.com>", "jane@example.com,ops@example.com",
        "j\xc3\xa4ne@example.com", "jane@ex\xc3\xa4mple.com", "\"a b\"@example.com"})
    CHECK_FALSE(is_address(bad));
  CHECK_FALSE(is_address(std::string(300, 'a') + "@example.com"));
}
