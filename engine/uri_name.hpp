// URIs as certificates have them (RFC 5280 4.2.1.6, RFC 3986), SPIFFE identities among them.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dns_name.hpp"

namespace csrflow::engine {

constexpr std::size_t max_uri_bytes = 2048;

/// Absolute, without user information; scheme and host in lower case. Percent-encoding is allowed in
/// upper-case hex for what needs it only; empty segments, `.` and `..` are errors. spiffe: the trust domain
/// must be in lower case already, segments of [A-Za-z0-9._-], no query or fragment (SPIFFE-ID 2).
std::expected<std::string, std::string> canonical_uri(std::string_view uri);

/// Scheme, port, query and fragment are exact; the host may be a DnsPattern; of the path's segments `*`
/// stands for exactly one, `pre*` for one that begins so (and goes on), a last `**` for one or more.
class UriPattern {
 public:
  static std::expected<UriPattern, std::string> parse(std::string_view pattern);

  const std::string& text() const { return text_; }  ///< canonical
  bool covers(std::string_view canonical_uri) const;
  bool covers(const UriPattern&) const;
  bool overlaps(const UriPattern&) const;

 private:
  struct Segment {
    std::string text;   ///< of a starred one what is before the star
    bool star = false;  ///< anything longer than `text` that begins with it
  };
  UriPattern() = default;
  bool host_covers(std::string_view host) const;

  std::string text_;
  std::string before_host_;         // `https://`, or `urn:`
  std::optional<DnsPattern> host_;  // nothing: `literal_host_`
  std::string literal_host_;        // an address, or nothing
  std::string port_;                // `:8443`
  std::vector<Segment> segments_;
  bool deep_ = false;  // `**` after the segments
  std::string after_;  // `?query#fragment`
};

}  // namespace csrflow::engine
