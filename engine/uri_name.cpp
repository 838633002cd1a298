#include "engine/uri_name.hpp"

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
std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

/// A URI in pieces that point into it.
struct Pieces {
  std::string_view scheme;
  bool has_authority = false;
  std::string_view host, port;  ///< port with its colon
  bool rooted = false;          ///< the path begins with a slash
  std::string_view path;        ///< without that slash
  std::string_view after;       ///< query and fragment, with ? and #
};

/// Cuts; judges nothing but that there is a scheme and no user information.
std::expected<Pieces, std::string> cut(std::string_view uri) {
  Pieces pieces;
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

/// Calls `each(segment)` until it returns false; a path without bytes has none.
template <class Each>
bool for_segments(std::string_view path, Each each) {
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (!each(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) return each(std::string_view());  // ends with a slash
  }
  return true;
}

std::string_view fault_of_path(const Pieces& pieces, bool spiffe) {
  std::string_view fault;
  for_segments(pieces.path, [&](std::string_view segment) {
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

std::string_view fault_of_rest(const Pieces& pieces, bool spiffe) {
  if (const auto fault = fault_of_port(pieces.port); !fault.empty()) return fault;
  if (const auto fault = fault_of_path(pieces, spiffe); !fault.empty()) return fault;
  if (!pieces.has_authority && pieces.path.empty()) return "nothing after the scheme";
  if (spiffe && !pieces.after.empty()) return "query or fragment in a SPIFFE identity";
  if (spiffe && (pieces.host.empty() || !pieces.port.empty())) return "trust domain";
  if (spiffe && pieces.rooted && pieces.path.empty()) return "empty segment";
  return fault_of_after(pieces.after);
}

/// An address as it stands in a host; nothing when the host is none.
std::optional<std::string> address_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto address = IpAddress::parse(host.substr(1, host.size() - 2));
    if (!address) return std::nullopt;
    return address->v6 ? '[' + address->text() + ']' : "[::ffff:" + address->text() + ']';
  }
  if (host.find(':') != std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(host);
  return address ? std::optional(address->text()) : std::nullopt;
}

std::string before_host(const Pieces& pieces) {
  return lower_case(pieces.scheme) + (pieces.has_authority ? "://" : pieces.rooted ? ":/" : ":");
}

std::string path_text(const Pieces& pieces) {
  if (!pieces.has_authority) return std::string(pieces.path);
  return pieces.path.empty() ? "" : '/' + std::string(pieces.path);
}

}  // namespace

std::expected<std::string, std::string> canonical_uri(std::string_view uri) {
  if (uri.size() > max_uri_bytes) return std::unexpected("longer than " + std::to_string(max_uri_bytes));
  const auto pieces = cut(uri);
  if (!pieces) return std::unexpected(pieces.error());
  const bool spiffe = lower_case(pieces->scheme) == "spiffe";
  if (const auto fault = fault_of_rest(*pieces, spiffe); !fault.empty())
    return std::unexpected(std::string(fault));
  if (spiffe && pieces->path.find('*') != std::string_view::npos)
    return std::unexpected("character that SPIFFE does not allow");
  std::string host;
  if (!pieces->host.empty()) {
    const auto address = address_host(pieces->host);
    const auto name = address ? *address : canonical_dns(pieces->host, lenient_dns);
    if (!name) return std::unexpected("host: " + name.error());
    if (name->starts_with('*')) return std::unexpected("host: wildcard");
    if (spiffe && *name != pieces->host) return std::unexpected("trust domain in upper case");
    host = *name;
  }
  return before_host(*pieces) + host + std::string(pieces->port) + path_text(*pieces) +
         std::string(pieces->after);
}

std::expected<UriPattern, std::string> UriPattern::parse(std::string_view pattern) {
  if (pattern.size() > max_uri_bytes) return std::unexpected("longer than " + std::to_string(max_uri_bytes));
  const auto pieces = cut(pattern);
  if (!pieces) return std::unexpected(pieces.error());
  if (const auto fault = fault_of_rest(*pieces, lower_case(pieces->scheme) == "spiffe"); !fault.empty())
    return std::unexpected(std::string(fault));
  UriPattern made;
  made.before_host_ = before_host(*pieces);
  made.port_ = pieces->port;
  made.after_ = pieces->after;
  std::string host;
  if (const auto address = address_host(pieces->host)) {
    host = made.literal_host_ = *address;
  } else if (!pieces->host.empty()) {
    auto name = DnsPattern::parse(pieces->host);
    if (!name) return std::unexpected("host: " + name.error());
    host = name->text();
    made.host_ = std::move(*name);
  }
  std::string_view fault;
  for_segments(pieces->path, [&](std::string_view segment) {
    if (made.deep_) fault = "** is allowed as the last segment only";
    const auto star = segment.find('*');
    if (segment == "**") {
      made.deep_ = true;
    } else if (star != std::string_view::npos && star + 1 != segment.size()) {
      fault = "a star is allowed at the end of a segment only";
    } else {
      made.segments_.push_back({std::string(segment.substr(0, star)), star != std::string_view::npos});
    }
    return fault.empty();
  });
  if (!fault.empty()) return std::unexpected(std::string(fault));
  made.text_ = made.before_host_ + host + made.port_ + path_text(*pieces) + made.after_;
  return made;
}

bool UriPattern::host_covers(std::string_view host) const {
  return host_ ? host_->covers(host) : host == literal_host_;
}

bool UriPattern::covers(std::string_view uri) const {
  if (!uri.starts_with(before_host_)) return false;
  uri.remove_prefix(before_host_.size());
  const auto end = std::min(uri.find_first_of("?#"), uri.size());
  if (uri.substr(end) != after_) return false;
  uri = uri.substr(0, end);
  if (before_host_.ends_with("://")) {
    const std::string_view authority = uri.substr(0, uri.find('/'));
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view host = authority.substr(0, colon);
    if (!host_covers(host) || authority.substr(host.size()) != port_) return false;
    uri.remove_prefix(authority.size());
    if (uri.starts_with('/')) uri.remove_prefix(1);
  }
  std::size_t count = 0;
  const bool fits = for_segments(uri, [&](std::string_view segment) {
    if (count >= segments_.size()) return ++count, deep_;
    const Segment& wanted = segments_[count++];
    return wanted.star ? segment.size() > wanted.text.size() && segment.starts_with(wanted.text)
                       : segment == wanted.text;
  });
  return fits && (deep_ ? count > segments_.size() : count == segments_.size());
}

bool UriPattern::covers(const UriPattern& other) const {
  if (before_host_ != other.before_host_ || port_ != other.port_ || after_ != other.after_) return false;
  if (host_.has_value() != other.host_.has_value()) return false;
  if (host_ ? !host_->covers(*other.host_) : literal_host_ != other.literal_host_) return false;
  const std::size_t mine = segments_.size(), its = other.segments_.size();
  if (deep_ ? its + (other.deep_ ? 1 : 0) <= mine : other.deep_ || its != mine) return false;
  for (std::size_t i = 0; i < mine; ++i) {
    const Segment &a = segments_[i], &b = other.segments_[i];
    if (a.star ? !b.text.starts_with(a.text) || (!b.star && b.text.size() == a.text.size())
               : b.star || a.text != b.text)
      return false;
  }
  return true;
}

bool UriPattern::overlaps(const UriPattern& other) const {
  if (before_host_ != other.before_host_ || port_ != other.port_ || after_ != other.after_) return false;
  if (host_.has_value() != other.host_.has_value()) return false;
  if (host_ ? !host_->overlaps(*other.host_) : literal_host_ != other.literal_host_) return false;
  const std::size_t mine = segments_.size(), its = other.segments_.size();
  if (deep_ && !other.deep_ && its <= mine) return false;
  if (other.deep_ && !deep_ && mine <= its) return false;
  if (!deep_ && !other.deep_ && mine != its) return false;
  for (std::size_t i = 0; i < std::min(mine, its); ++i) {
    const Segment &a = segments_[i], &b = other.segments_[i];
    const bool a_in_b = a.text.starts_with(b.text), b_in_a = b.text.starts_with(a.text);
    const bool both = a.star && b.star ? a_in_b || b_in_a
                      : a.star         ? b_in_a && b.text.size() > a.text.size()
                      : b.star         ? a_in_b && a.text.size() > b.text.size()
                                       : a.text == b.text;
    if (!both) return false;
  }
  return true;
}

}  // namespace csrflow::engine
