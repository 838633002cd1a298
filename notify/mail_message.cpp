#include "notify/mail_message.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "engine/base64.hpp"
#include "notify/message_text.hpp"

namespace csrflow::notify {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t max_address_bytes = 254;  // RFC 5321 4.5.3.1.3, without the angle brackets
constexpr std::size_t encoded_word_bytes =
    42;  // 56 letters of base64 and 12 around them: at most 75 (RFC 2047 2)
constexpr std::size_t max_plain_subject = 60;
constexpr std::size_t base64_line = 76;  // RFC 2045 6.8

bool is_visible(char c) {
  return c > 0x20 && c < 0x7f;
}

/// `Tue, 01 Sep 2026 12:00:00 +0000` (RFC 5322 3.3).
std::string date_of(engine::Timestamp at) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  using std::chrono::floor;
  const std::chrono::sys_seconds instant{std::chrono::seconds(at.whole_seconds())};
  const auto day = floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

/// Unique also where several servers send from one domain: the instant is in it.
std::string message_id(const engine::Mail& mail, const engine::Notification& n) {
  std::string local = header_token(n.id) + '.' + std::to_string(n.at.microseconds);
  std::ranges::replace_if(
      local, [](char c) { return std::string_view("<>()[]@,;:\\\"/").contains(c); }, '.');
  return '<' + local + mail.from.substr(mail.from.find('@')) + '>';
}

/// Encoded words (RFC 2047) where the text is not plain, each with whole characters, one a line.
std::string subject_of(std::string_view text) {
  const bool plain = text.size() <= max_plain_subject && text.find("=?") == std::string_view::npos &&
                     std::ranges::all_of(text, [](char c) { return c == ' ' || is_visible(c); });
  if (plain) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::string piece = one_line(text, encoded_word_bytes);
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?";
    engine::append_base64(out, piece);
    out += "?=";
    text.remove_prefix(piece.size());
  }
  return out;
}

std::string receivers_of(const engine::Mail& mail) {
  std::string out;
  for (const std::string& address : mail.to) out += (out.empty() ? "" : ",\r\n ") + address;
  return out;
}

std::string body_of(const engine::Notification& n) {
  std::string text = lines(n.text);
  text += "\n\nevent:    " + std::string(name_of(n.kind));
  text += "\nobject:   " + one_line(n.stream);
  text += "\nrecorded: " + rfc3339_seconds(n.at) + ", at position " + std::to_string(n.position.value);
  text += "\nid:       " + one_line(n.id) + "\n";
  std::string with_crlf;
  for (const char c : text) c == '\n' ? with_crlf += line_end : with_crlf += c;
  return with_crlf;
}

std::string in_base64_lines(std::string_view bytes) {
  std::string whole, out;
  engine::append_base64(whole, bytes);
  for (std::size_t i = 0; i < whole.size(); i += base64_line) out.append(whole, i, base64_line) += line_end;
  return out;
}

}  // namespace

bool is_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size() || text.size() > max_address_bytes)
    return false;
  const auto local = text.substr(0, at), domain = text.substr(at + 1);
  constexpr std::string_view atom = "!#$%&'*+-/=?^_`{|}~.";  // RFC 5322 3.2.3
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return std::ranges::all_of(local, [&](char c) { return alphanumeric(c) || atom.contains(c); }) &&
         std::ranges::all_of(domain, [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

std::string mail_message(const engine::Mail& mail, const engine::Notification& n) {
  std::string out;
  const auto header = [&](std::string_view name, const std::string& value) {
    out.append(name) += ": " + value;
    out += line_end;
  };
  header("Date", date_of(n.at));
  header("From", mail.from);
  header("To", receivers_of(mail));
  header("Subject", subject_of(one_line("[csrflow] " + n.title)));
  header("Message-ID", message_id(mail, n));
  header("Csrflow-Notification", header_token(n.id));
  header("Auto-Submitted", "auto-generated");  // RFC 3834: no out-of-office answers
  header("MIME-Version", "1.0");
  header("Content-Type", "text/plain; charset=utf-8");
  header("Content-Transfer-Encoding", "base64");
  out += line_end;
  return out + in_base64_lines(body_of(n));
}

}  // namespace csrflow::notify
