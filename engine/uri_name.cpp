#include "engine/uri_name.hpp"

#include "engine/uri_pieces.hpp"

namespace csrflow::engine {

std::expected<std::string, std::string> canonical_uri(std::string_view uri) {
  if (uri.size() > max_uri_bytes) return std::unexpected("longer than " + std::to_string(max_uri_bytes));
  const auto pieces = cut_uri(uri);
  if (!pieces) return std::unexpected(pieces.error());
  const bool spiffe = lower_case_ascii(pieces->scheme) == "spiffe";
  if (const auto fault = fault_of_uri_rest(*pieces, spiffe); !fault.empty())
    return std::unexpected(std::string(fault));
  if (spiffe && pieces->path.find('*') != std::string_view::npos)
    return std::unexpected("character that SPIFFE does not allow");
  std::string host;
  if (!pieces->host.empty()) {
    const auto address = uri_address_host(pieces->host);
    const auto name = address ? *address : canonical_dns(pieces->host, lenient_dns);
    if (!name) return std::unexpected("host: " + name.error());
    if (name->starts_with('*')) return std::unexpected("host: wildcard");
    if (spiffe && *name != pieces->host) return std::unexpected("trust domain in upper case");
    host = *name;
  }
  return before_uri_host(*pieces) + host + std::string(pieces->port) + uri_path_text(*pieces) +
         std::string(pieces->after);
}

}  // namespace csrflow::engine
