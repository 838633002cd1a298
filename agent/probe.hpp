// Whether a service hands out the new certificate: TLS handshakes with it until the leaf is the one expected.
#pragma once

#include <optional>
#include <variant>

#include "agent/host_clock.hpp"

namespace csrflow::agent {

/// What is spoken before TLS: SMTP (RFC 3207), IMAP (RFC 9051 6.2.1), PostgreSQL's SSLRequest.
enum class StartTls { none, smtp, imap, postgres };
/// `none`, `smtp`, `imap`, `postgres`.
std::string_view name_of(StartTls);
std::expected<StartTls, std::string> parse_start_tls(std::string_view name);

struct Probe {
  std::string host;  ///< a name or an IP address, without brackets
  std::uint16_t port = 443;
  std::string server_name;  ///< SNI (RFC 6066 3); empty: none is sent
  StartTls start_tls = StartTls::none;
};
/// `host:port`, `[::1]:443`.
std::expected<Probe, std::string> parse_probe_address(std::string_view address);

struct ProbeTiming {
  engine::Duration interval = engine::seconds(1);
  engine::Duration total = engine::seconds(60);
  engine::Duration attempt = engine::seconds(5);  ///< one handshake takes no longer
  int hits_in_a_row = 2;
};

struct Prober {
  virtual ~Prober() = default;
  /// DER of the leaf with whose key the service completed a handshake; the error is a sentence.
  virtual std::expected<engine::Bytes, std::string> served_leaf(const Probe&, engine::Duration limit) = 0;
};

/// Over TCP. Trusts nobody: the leaf alone is compared. The limit does not hold for the resolver of names,
/// which has its own.
class TlsProber : public Prober {
 public:
  std::expected<engine::Bytes, std::string> served_leaf(const Probe&, engine::Duration limit) override;
};

struct ProbeStopped {};
struct ProbeFailed {
  std::string message;  ///< what the last attempt found
};
struct ProbePassed {};
using ProbeResult = std::variant<ProbePassed, ProbeFailed, ProbeStopped>;

/// Tries until `leaf` (DER) was served so many times in a row.
ProbeResult await_leaf(Prober&, HostClock&, const Probe&, std::string_view leaf, const ProbeTiming&,
                       std::stop_token);

}  // namespace csrflow::agent
