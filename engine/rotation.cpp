#include "engine/rotation.hpp"

#include <algorithm>

#include "engine/millionths.hpp"

namespace csrflow::engine {
namespace {

constexpr Duration second = seconds(1);

constexpr std::uint32_t retry_max_doublings = 20;
/// This many tries fit at least into what is left of the validity, at any moment.
constexpr std::int64_t retries_left = 8;
// The wait is spread evenly over ±10 % of its plain length.
constexpr std::int64_t retry_least = 900'000;
constexpr std::int64_t retry_spread = 200'000;

std::uint64_t first_eight_bytes(const Sha256& digest) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | digest[i];
  return value;
}

std::uint64_t retry_jitter(const StreamId& stream, const Serial& serial, std::uint32_t n,
                           HashFunction sha256) {
  std::string text = "csrflow retry jitter v1";
  text += '\0' + stream.text + '\0' + serial.content + '\0';
  for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(n >> shift & 0xff);
  return first_eight_bytes(sha256(text));
}

/// base · 2^(n − 1), at most the cap.
Duration plain_wait(const RetryRule& rule, std::uint32_t n) {
  const std::uint32_t doublings = std::min(n == 0 ? 0 : n - 1, retry_max_doublings);
  return std::min(Duration{rule.base.microseconds << doublings}, rule.cap);
}

Duration spread_wait(Duration plain, std::uint64_t jitter) {
  return std::max(second, part_of(plain, retry_least) + point_in(part_of(plain, retry_spread), jitter));
}

}  // namespace

Window checked_window(Window window, const Validity& validity) {
  const Timestamp begin = validity.begin;
  const Duration length = std::max(validity.length(), Duration{});
  window.end = std::max(window.end, window.start + second);
  const Duration reserve = std::max(Duration{length.microseconds / 20}, second);
  window.end = std::min(window.end, validity.not_after - reserve);
  if (window.end <= window.start) window.start = std::max(begin, window.end - second);
  // A lifetime of a few seconds leaves no window: one point.
  if (window.end <= window.start) window.start = window.end = std::max(begin, window.end);
  return window;
}

Window rotation_window(const Validity& validity, WindowRule rule) {
  const Duration length = std::max(validity.length(), Duration{});
  return checked_window(
      {validity.begin + part_of(length, rule.from), validity.begin + part_of(length, rule.to)}, validity);
}

std::uint64_t rotation_jitter(const StreamId& stream, const Serial& serial, HashFunction sha256) {
  std::string text = "csrflow rotation jitter v1";
  text += '\0' + stream.text + '\0' + serial.content;
  return first_eight_bytes(sha256(text));
}

Timestamp rotation_instant(const Window& window, std::uint64_t jitter) {
  return window.start + point_in(window.end - window.start, jitter);
}

Duration retry_wait(const StreamId& stream, const Serial& serial, std::uint32_t n, Duration left,
                    HashFunction sha256, const RetryRule& rule) {
  Duration plain = plain_wait(rule, n);
  if (left > Duration{}) plain = std::min(plain, Duration{left.microseconds / retries_left});
  return spread_wait(plain, retry_jitter(stream, serial, n, sha256));
}

Duration retry_wait(const StreamId& stream, std::uint32_t n, HashFunction sha256, const RetryRule& rule) {
  return spread_wait(plain_wait(rule, n), retry_jitter(stream, Serial{}, n, sha256));
}

}  // namespace csrflow::engine
