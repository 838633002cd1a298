// The strong types that travel through csrflow. Each is made by one parsing or converting function;
// inside, no check is repeated.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::engine {

/// Any bytes: PEM, DER, JSON text as stored.
using Bytes = std::string;
using StringMap = std::map<std::string, std::string>;
using StringLists = std::map<std::string, std::vector<std::string>>;

/// A length of time in microseconds.
struct Duration {
  std::int64_t microseconds = 0;
  auto operator<=>(const Duration&) const = default;
};
constexpr Duration operator+(Duration a, Duration b) {
  return {a.microseconds + b.microseconds};
}
constexpr Duration operator-(Duration a, Duration b) {
  return {a.microseconds - b.microseconds};
}
constexpr Duration seconds(std::int64_t n) {
  return {n * 1'000'000};
}

/// An instant: UTC microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
  std::int64_t microseconds = 0;
  auto operator<=>(const Timestamp&) const = default;

  constexpr std::int64_t whole_seconds() const { return microseconds / 1'000'000; }
  /// The same instant without its fraction of a second.
  constexpr Timestamp cut_to_seconds() const { return {whole_seconds() * 1'000'000}; }
};
constexpr Timestamp from_seconds(std::int64_t s) {
  return {s * 1'000'000};
}
constexpr Timestamp operator+(Timestamp t, Duration d) {
  return {t.microseconds + d.microseconds};
}
constexpr Timestamp operator-(Timestamp t, Duration d) {
  return {t.microseconds - d.microseconds};
}
constexpr Duration operator-(Timestamp a, Timestamp b) {
  return {a.microseconds - b.microseconds};
}

/// `2026-01-02T03:04:05Z`, the fraction cut (Kubernetes' metav1.Time).
std::string rfc3339_seconds(Timestamp);
/// `2026-01-02T03:04:05.000006Z`.
std::string rfc3339_micro(Timestamp);
/// Reads RFC 3339 with any offset and fraction; nothing when it is not one.
std::expected<Timestamp, std::string> parse_rfc3339(std::string_view);

/// Place of an event in the global order: 1, 2, 3 …; 0 = before the first.
/// Also Kubernetes' resourceVersion and the Merkle leaf number + 1.
struct Position {
  std::uint64_t value = 0;
  auto operator<=>(const Position&) const = default;
};

/// Number of an event in its stream: 1, 2, 3 …; 0 = the stream is empty.
struct Version {
  std::uint64_t value = 0;
  auto operator<=>(const Version&) const = default;
};

/// What an event is about: `csr/jane`, `rbac/clusterroles/view`, `own/server`, `ca/<ski hex>`, `log/events`.
/// Printable ASCII, at most `max_stream_bytes`; names in it are percent-encoded (RFC 3986 unreserved stay,
/// upper-case hex), so the last slash always comes before the name.
struct StreamId {
  std::string text;
  auto operator<=>(const StreamId&) const = default;

  /// The part before the first slash: `csr`.
  std::string_view category() const;
  /// The part before the last slash, which is the same where a category has one collection:
  /// `rbac/clusterroles`.
  std::string_view collection() const;
  /// The decoded name after the last slash: `jane`.
  std::string name() const;
};
constexpr std::size_t max_stream_bytes = 4096;
/// The stream of the object `name` in `collection`.
StreamId stream_of(std::string_view collection, std::string_view name);
inline StreamId csr_stream(std::string_view name) {
  return stream_of("csr", name);
}

/// Random UUID version 4 in lower case; names one incarnation of an object.
struct Uid {
  std::string text;
  auto operator<=>(const Uid&) const = default;
};
/// A version 4 UUID from 16 random bytes.
Uid make_uid(std::span<const std::uint8_t, 16> random);

/// A certificate's serial number: the content bytes of its INTEGER (RFC 5280 4.1.2.2), a leading 0x00 kept.
struct Serial {
  Bytes content;
  auto operator<=>(const Serial&) const = default;
  /// Lower-case hex of the content bytes.
  std::string hex() const;
};

/// `<domain>/<path>`, as `kubernetes.io/kube-apiserver-client`.
struct SignerName {
  std::string text;
  auto operator<=>(const SignerName&) const = default;
};

using Sha256 = std::array<std::uint8_t, 32>;

std::string to_hex(std::string_view bytes);
/// Nothing when there is a foreign character or an odd length.
std::expected<Bytes, std::string> from_hex(std::string_view hex);

}  // namespace csrflow::engine
