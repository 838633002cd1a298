#include "engine/types.hpp"

namespace csrflow::engine {
namespace {

constexpr std::string_view lower_hex = "0123456789abcdef";
constexpr std::string_view upper_hex = "0123456789ABCDEF";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void put_digits(char* end, unsigned value, int count) {
  for (; count > 0; --count, value /= 10) *--end = static_cast<char>('0' + value % 10);
}

/// Reads exactly `count` digits at `at`; -1 when they are not there.
int digits_at(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

char char_at(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

/// `2026-01-02T03:04:05` and the rest of the second in microseconds.
struct Printed {
  std::string text;
  unsigned micros;
};
Printed print_seconds(Timestamp t) {
  using namespace std::chrono;
  const sys_time<microseconds> instant{microseconds{t.microseconds}};
  const auto day = floor<days>(instant);
  const year_month_day date{day};
  const auto second = floor<std::chrono::seconds>(instant);
  const auto of_day = static_cast<unsigned>((second - day).count());
  std::string text = "0000-00-00T00:00:00";
  char* const p = text.data();
  put_digits(p + 4, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put_digits(p + 7, static_cast<unsigned>(date.month()), 2);
  put_digits(p + 10, static_cast<unsigned>(date.day()), 2);
  put_digits(p + 13, of_day / 3600, 2);
  put_digits(p + 16, of_day / 60 % 60, 2);
  put_digits(p + 19, of_day % 60, 2);
  return {std::move(text), static_cast<unsigned>((instant - second).count())};
}

/// `Z` or `±hh:mm`, from `at` to the end of the text; seconds east of UTC, nothing when it is neither.
std::expected<int, std::string> zone_at(std::string_view text, std::size_t at) {
  const std::string_view zone = text.substr(at);
  if (zone == "Z") return 0;
  const int hours = digits_at(zone, 1, 2);
  const int minutes = digits_at(zone, 4, 2);
  const bool fits = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':' && hours >= 0 &&
                    hours < 24 && minutes >= 0 && minutes < 60;
  if (!fits) return std::unexpected("must end with Z or an offset such as +02:00");
  return (zone[0] == '-' ? -1 : 1) * (hours * 60 + minutes) * 60;
}

bool unreserved(char c) {  // RFC 3986 2.3
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string rfc3339_seconds(Timestamp t) {
  return print_seconds(t).text + 'Z';
}

std::string rfc3339_micro(Timestamp t) {
  Printed printed = print_seconds(t);
  printed.text += ".000000Z";
  put_digits(printed.text.data() + 26, printed.micros, 6);
  return printed.text;
}

std::expected<Timestamp, std::string> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto refuse = [](std::string_view why) {
    return std::unexpected("is not an RFC 3339 time: " + std::string(why));
  };
  const int year = digits_at(text, 0, 4);
  const int month = digits_at(text, 5, 2);
  const int day = digits_at(text, 8, 2);
  const int hour = digits_at(text, 11, 2);
  const int minute = digits_at(text, 14, 2);
  const int second = digits_at(text, 17, 2);
  const bool shaped = year >= 0 && month >= 0 && day >= 0 && hour >= 0 && minute >= 0 && second >= 0 &&
                      text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' &&
                      text[16] == ':';
  if (!shaped) return refuse("must look like 2006-01-02T15:04:05Z");
  const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  // No leap second: Kubernetes' clients never send one, and UTC microseconds could not tell it from its
  // neighbour.
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return refuse("no such date or time of day");

  std::size_t at = 19;
  std::int64_t micros = 0;
  if (char_at(text, at) == '.') {
    std::int64_t unit = 100'000;
    const std::size_t first = ++at;
    for (; char_at(text, at) >= '0' && char_at(text, at) <= '9'; ++at, unit /= 10)
      micros += (text[at] - '0') * unit;
    if (at == first) return refuse("the fraction has no digits");
  }
  const auto zone = zone_at(text, at);
  if (!zone) return refuse(zone.error());
  const std::int64_t days_since_1970 = sys_days{date}.time_since_epoch().count();
  const std::int64_t total = ((days_since_1970 * 24 + hour) * 60 + minute) * 60 + second - *zone;
  return Timestamp{total * 1'000'000 + micros};
}

std::string_view StreamId::category() const {
  return std::string_view(text).substr(0, text.find('/'));
}

std::string_view StreamId::collection() const {
  return std::string_view(text).substr(0, text.rfind('/'));
}

std::string StreamId::name() const {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string::npos) return {};
  std::string name;
  for (std::size_t i = slash + 1; i < text.size(); ++i) {
    const int high = text[i] == '%' ? hex_digit(char_at(text, i + 1)) : -1;
    const int low = high >= 0 ? hex_digit(char_at(text, i + 2)) : -1;
    if (low >= 0) {
      name += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      name += text[i];
    }
  }
  return name;
}

StreamId stream_of(std::string_view collection, std::string_view name) {
  std::string text;
  text.reserve(collection.size() + 1 + name.size());
  text += collection;
  text += '/';
  for (const char c : name) {
    if (unreserved(c)) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += '%';
      text += upper_hex[byte >> 4];
      text += upper_hex[byte & 15];
    }
  }
  return {std::move(text)};
}

Uid make_uid(std::span<const std::uint8_t, 16> random) {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    std::uint8_t byte = random[i];
    if (i == 6) byte = static_cast<std::uint8_t>((byte & 0x0f) | 0x40);  // version 4 (RFC 9562 5.4)
    if (i == 8) byte = static_cast<std::uint8_t>((byte & 0x3f) | 0x80);  // variant 10x
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += lower_hex[byte >> 4];
    text += lower_hex[byte & 15];
  }
  return {std::move(text)};
}

std::string Serial::hex() const {
  return to_hex(content);
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += lower_hex[byte >> 4];
    hex += lower_hex[byte & 15];
  }
  return hex;
}

std::expected<Bytes, std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::unexpected("has an odd number of hexadecimal digits");
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_digit(hex[i]);
    const int low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::unexpected("has a character that is no hexadecimal digit");
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace csrflow::engine
