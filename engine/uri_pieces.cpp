#include "engine/uri_pieces.hpp"

#include <algorithm>

#include "engine/ip_address.hpp"

namespace csrflow::engine {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}
bool pchar(char c) {  // RFC 3986 3.3, without percent-encoding
  return letter(c) || digit(c) || one_of(c, "-._~!$&'()*+,;=:@");
}
/// Percent-encoding of what needs it only, in upper-case hex; empty: nothing is wrong.
std::string_view fault_of_text(std::string_view text, std::string_view also) {
  const auto hex = [](char c) { return digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (!pchar(text[i]) && !one_of(text[i], also)) return "character that must be percent-encoded";
      continue;
    }
    if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
      return "percent-encoding that is not in upper-case hex";
    const char encoded = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    if (pchar(encoded)) return "percent-encoding of what does not need it";
    i += 2;
  }
  return {};
}

std::string_view fault_of_path(const UriPieces& pieces, bool spiffe) {
  std::string_view fault;
  for_uri_segments(pieces.path, [&](std::string_view segment) {
    if (segment.empty()) {
      fault = "empty segment";
    } else if (segment == "." || segment == "..") {
      fault = "segment . or ..";
    } else if (spiffe && !std::ranges::all_of(
                             segment, [](char c) { return letter(c) || digit(c) || one_of(c, "._-*"); })) {
      fault = "character that SPIFFE does not allow";
    } else {
      fault = fault_of_text(segment, "");
    }
    return fault.empty();
  });
  return fault;
}

std::string_view fault_of_after(std::string_view after) {
  const auto sharp = std::min(after.find('#'), after.size());
  if (const auto fault = fault_of_text(after.substr(0, sharp), "/?"); !fault.empty()) return fault;
  return sharp == after.size() ? std::string_view() : fault_of_text(after.substr(sharp + 1), "/?");
}

std::string_view fault_of_port(std::string_view port) {
  if (port.empty()) return {};
  const bool good = port.size() > 1 && port.size() <= 6 && std::ranges::all_of(port.substr(1), digit);
  return good ? std::string_view() : "port that is not a number";
}

}  // namespace

std::string lower_case_ascii(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

std::expected<UriPieces, std::string> cut_uri(std::string_view uri) {
  UriPieces pieces;
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || !letter(uri.front()))
    return std::unexpected("not absolute");
  pieces.scheme = uri.substr(0, colon);
  if (!std::ranges::all_of(pieces.scheme, [](char c) { return letter(c) || digit(c) || one_of(c, "+-."); }))
    return std::unexpected("not absolute");
  uri.remove_prefix(colon + 1);
  const auto end = std::min(uri.find_first_of("?#"), uri.size());
  pieces.after = uri.substr(end);
  uri = uri.substr(0, end);
  if (uri.starts_with("//")) {
    pieces.has_authority = true;
    uri.remove_prefix(2);
    const std::string_view authority = uri.substr(0, uri.find('/'));
    uri.remove_prefix(authority.size());
    if (authority.find('@') != std::string_view::npos) return std::unexpected("user information");
    const auto bracket = authority.rfind(']');
    const auto at = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    pieces.host = authority.substr(0, at);
    if (at != std::string_view::npos) pieces.port = authority.substr(at);
  }
  pieces.rooted = uri.starts_with('/');
  pieces.path = pieces.rooted ? uri.substr(1) : uri;
  return pieces;
}

std::string_view fault_of_uri_rest(const UriPieces& pieces, bool spiffe) {
  if (const auto fault = fault_of_port(pieces.port); !fault.empty()) return fault;
  if (const auto fault = fault_of_path(pieces, spiffe); !fault.empty()) return fault;
  if (!pieces.has_authority && pieces.path.empty()) return "nothing after the scheme";
  if (spiffe && !pieces.after.empty()) return "query or fragment in a SPIFFE identity";
  if (spiffe && (pieces.host.empty() || !pieces.port.empty())) return "trust domain";
  if (spiffe && pieces.rooted && pieces.path.empty()) return "empty segment";
  return fault_of_after(pieces.after);
}

std::optional<std::string> uri_address_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto address = IpAddress::parse(host.substr(1, host.size() - 2));
    if (!address) return std::nullopt;
    return address->v6 ? '[' + address->text() + ']' : "[::ffff:" + address->text() + ']';
  }
  if (host.find(':') != std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(host);
  return address ? std::optional(address->text()) : std::nullopt;
}

std::string before_uri_host(const UriPieces& pieces) {
  return lower_case_ascii(pieces.scheme) + (pieces.has_authority ? "://" : pieces.rooted ? ":/" : ":");
}

std::string uri_path_text(const UriPieces& pieces) {
  if (!pieces.has_authority) return std::string(pieces.path);
  return pieces.path.empty() ? "" : '/' + std::string(pieces.path);
}

}  // namespace csrflow::engine
