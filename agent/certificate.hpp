// What the server delivers for a request, read.
#pragma once

#include <optional>

#include "agent/openssl.hpp"

namespace csrflow::agent {

constexpr std::size_t max_chain_pem = 256 * 1024;
constexpr std::size_t max_chain_length = 10;
constexpr std::size_t max_bundle_pem = 4 * 1024 * 1024;
constexpr std::size_t max_crl_bytes = 16 * 1024 * 1024;

/// As it came: nothing of it is trusted before it was checked.
struct Delivery {
  engine::Bytes certificate;         ///< PEM: the leaf, then intermediates
  engine::Bytes authorities;         ///< PEM: what the chain must lead to
  std::optional<engine::Bytes> crl;  ///< DER or PEM (RFC 5280 5), when one could be fetched
};

struct LeafFacts {
  engine::Serial serial;
  engine::Timestamp not_before, not_after;
  engine::Bytes der;
};

/// Leaf first. The error is a sentence.
std::expected<std::vector<CertificateHandle>, std::string> read_certificates(std::string_view pem,
                                                                             std::size_t most);
LeafFacts facts_of(X509*);
/// The facts of the first certificate in the PEM.
std::expected<LeafFacts, std::string> read_leaf(std::string_view pem);

}  // namespace csrflow::agent
