// Subject alternative names (RFC 5280 4.2.1.6) of the four kinds that Kubernetes' signers copy.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "signer/openssl.hpp"

namespace csrflow::signer {

constexpr std::size_t max_alternative_names = 100;

struct AlternativeNames {
  std::vector<std::string> dns, email, uri;
  std::vector<engine::Bytes> ip;  ///< 4 or 16 bytes, network order
  bool empty() const { return dns.empty() && email.empty() && uri.empty() && ip.empty(); }
  bool operator==(const AlternativeNames&) const = default;
};

/// From the extension's value. Other kinds of names are left out, as Kubernetes does.
std::expected<AlternativeNames, std::string> read_alternative_names(std::string_view der);

/// In the order DNS, e-mail, IP, URI; an IPv4 address mapped into IPv6 becomes its 4 bytes.
GeneralNamesPtr general_names(const AlternativeNames&);

/// Sorts texts like `127.0.0.1`, `::1`, `localhost` into addresses and DNS names; each once.
AlternativeNames names_of_server(const std::vector<std::string>& texts);

}  // namespace csrflow::signer
