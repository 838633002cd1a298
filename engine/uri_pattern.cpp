#include <algorithm>

#include "engine/uri_name.hpp"
#include "engine/uri_pieces.hpp"

namespace csrflow::engine {

std::expected<UriPattern, std::string> UriPattern::parse(std::string_view pattern) {
  if (pattern.size() > max_uri_bytes) return std::unexpected("longer than " + std::to_string(max_uri_bytes));
  const auto pieces = cut_uri(pattern);
  if (!pieces) return std::unexpected(pieces.error());
  if (const auto fault = fault_of_uri_rest(*pieces, lower_case_ascii(pieces->scheme) == "spiffe");
      !fault.empty())
    return std::unexpected(std::string(fault));
  UriPattern made;
  made.before_host_ = before_uri_host(*pieces);
  made.port_ = pieces->port;
  made.after_ = pieces->after;
  std::string host;
  if (const auto address = uri_address_host(pieces->host)) {
    host = made.literal_host_ = *address;
  } else if (!pieces->host.empty()) {
    auto name = DnsPattern::parse(pieces->host);
    if (!name) return std::unexpected("host: " + name.error());
    host = name->text();
    made.host_ = std::move(*name);
  }
  std::string_view fault;
  for_uri_segments(pieces->path, [&](std::string_view segment) {
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
  made.text_ = made.before_host_ + host + made.port_ + uri_path_text(*pieces) + made.after_;
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
  const bool fits = for_uri_segments(uri, [&](std::string_view segment) {
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
