// A URI cut into pieces (RFC 3986 3), and what may be wrong with them: internal to uri_name.cpp and
// uri_pattern.cpp.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace csrflow::engine {

/// A URI in pieces that point into it.
struct UriPieces {
  std::string_view scheme;
  bool has_authority = false;
  std::string_view host, port;  ///< port with its colon
  bool rooted = false;          ///< the path begins with a slash
  std::string_view path;        ///< without that slash
  std::string_view after;       ///< query and fragment, with ? and #
};

/// Cuts; judges nothing but that there is a scheme and no user information.
std::expected<UriPieces, std::string> cut_uri(std::string_view uri);
/// Of everything but scheme and host. Empty: nothing is wrong.
std::string_view fault_of_uri_rest(const UriPieces&, bool spiffe);
/// An address as it stands in a host; nothing when the host is none.
std::optional<std::string> uri_address_host(std::string_view host);
std::string before_uri_host(const UriPieces&);
std::string uri_path_text(const UriPieces&);
std::string lower_case_ascii(std::string_view);

/// Calls `each(segment)` until it returns false; a path without bytes has none.
template <class Each>
bool for_uri_segments(std::string_view path, Each each) {
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (!each(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) return each(std::string_view());  // ends with a slash
  }
  return true;
}

}  // namespace csrflow::engine
