#include "agent/probe.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/certificate.hpp"

namespace csrflow::agent {
namespace {

constexpr std::pair<StartTls, std::string_view> start_tls_names[] = {
    {StartTls::none, "none"},
    {StartTls::smtp, "smtp"},
    {StartTls::imap, "imap"},
    {StartTls::postgres, "postgres"},
};

std::string shown(const Probe& probe) {
  const bool v6 = probe.host.find(':') != std::string::npos;
  return (v6 ? "[" + probe.host + "]" : probe.host) + ":" + std::to_string(probe.port);
}

std::string serial_of(const engine::Bytes& der) {
  const unsigned char* at = octets(der);
  const CertificateHandle leaf(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  return leaf ? facts_of(leaf.get()).serial.hex() : drain_errors();
}

std::string finding(const std::expected<engine::Bytes, std::string>& served, std::string_view leaf) {
  if (!served) return served.error();
  if (*served == leaf) return "it serves it now and then only";
  return "it serves the one with the serial number " + serial_of(*served);
}

}  // namespace

std::string_view name_of(StartTls kind) {
  for (const auto& [known, name] : start_tls_names)
    if (known == kind) return name;
  std::unreachable();
}

std::expected<StartTls, std::string> parse_start_tls(std::string_view text) {
  for (const auto& [kind, name] : start_tls_names)
    if (name == text) return kind;
  return std::unexpected("there is no kind of STARTTLS \"" + std::string(text) +
                         "\"; choose one of none, smtp, imap, postgres");
}

std::expected<Probe, std::string> parse_probe_address(std::string_view address) {
  const auto refused = [&] {
    return std::unexpected("\"" + std::string(address) +
                           "\" is no address to probe; write HOST:PORT or [IPv6]:PORT");
  };
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return refused();
  std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  Probe probe{.host = std::string(host)};
  const auto read = std::from_chars(port.data(), port.data() + port.size(), probe.port);
  if (host.empty() || bracketed != (host.find(':') != std::string_view::npos) || read.ec != std::errc() ||
      read.ptr != port.data() + port.size() || probe.port == 0)
    return refused();
  return probe;
}

ProbeResult await_leaf(Prober& prober, HostClock& clock, const Probe& probe, std::string_view leaf,
                       const ProbeTiming& timing, std::stop_token stop) {
  const engine::Timestamp end = clock.now() + timing.total;
  // Counted, too: a clock that is set back does not make it longer.
  auto attempts = timing.total.microseconds / timing.interval.microseconds;
  for (int hits = 0;; --attempts) {
    const auto served = prober.served_leaf(probe, timing.attempt);
    hits = served && *served == leaf ? hits + 1 : 0;
    if (hits == timing.hits_in_a_row) return ProbePassed{};
    if (attempts <= 0 || clock.now() + timing.interval > end)
      return ProbeFailed{shown(probe) + " does not serve the new certificate: " + finding(served, leaf)};
    if (!clock.sleep(timing.interval, stop)) return ProbeStopped{};
  }
}

}  // namespace csrflow::agent
