// When a certificate is rotated, and how long to wait after a failed attempt: integers only, so that every
// machine and every rebuild computes the same instants.
#pragma once

#include "engine/hash_function.hpp"

namespace csrflow::engine {

/// Fractions of the lifetime in millionths.
struct WindowRule {
  std::int32_t from = 600'000;
  std::int32_t to = 750'000;
  bool operator==(const WindowRule&) const = default;
};

struct Window {
  Timestamp start, end;
  bool operator==(const Window&) const = default;
};

/// `begin` = max(notBefore, clock of issuing), in whole seconds; `not_after` is the certificate's.
struct Validity {
  Timestamp begin, not_after;
  /// Both ends count (RFC 5280 4.1.2.5): notAfter − begin + 1 s.
  Duration length() const { return not_after - begin + seconds(1); }
  /// The first instant at which the certificate is no longer valid for anybody.
  Timestamp end() const { return not_after + seconds(1); }
};

Window rotation_window(const Validity&, WindowRule = {});
/// The window made to fit: a second long at least, its end before notAfter by a second and a twentieth of the
/// lifetime; of a lifetime of a few seconds one point, with start = end.
Window checked_window(Window, const Validity&);

/// First 8 bytes, big-endian, of SHA-256("csrflow rotation jitter v1" 0x00 stream 0x00 serial).
std::uint64_t rotation_jitter(const StreamId&, const Serial&, HashFunction);
/// The point in the window that the jitter chooses.
Timestamp rotation_instant(const Window&, std::uint64_t jitter);

/// The n-th wait is base · 2^(n − 1), at most the cap, ± 10 %.
struct RetryRule {
  Duration base = seconds(30), cap = seconds(6 * 3600);
  bool operator==(const RetryRule&) const = default;
};

/// How long to wait after the n-th failed attempt; `left` = what is left of the validity then (may be
/// negative).
Duration retry_wait(const StreamId&, const Serial&, std::uint32_t n, Duration left, HashFunction,
                    const RetryRule& = {});

/// Where the lifetime ends no matter (no certificate yet): without the part of `left`.
Duration retry_wait(const StreamId&, std::uint32_t n, HashFunction, const RetryRule& = {});

}  // namespace csrflow::engine
