// Names of signers: `example.com/web` in requests, `example.com:web` as the name of the Signer object,
// `signer/example.com%2Fweb` as its stream.
#pragma once

#include <expected>
#include <string>

#include "engine/types.hpp"

namespace csrflow::signer {

constexpr std::size_t max_signer_name = 571, max_signer_domain = 253;

/// The form that Kubernetes demands of spec.signerName: a domain of at least two DNS labels, one slash, and a
/// path of DNS labels with dots.
std::expected<engine::SignerName, std::string> parse_signer_name(std::string_view text);
/// Is it in the domain kubernetes.io, or below it? Those are Kubernetes' to define.
bool is_kubernetes(const engine::SignerName&);

/// `example.com/web` → `example.com:web`.
std::string object_name_of(const engine::SignerName&);
/// `example.com:web` → `example.com/web`. An error, for the person, for what names no signer.
std::expected<engine::SignerName, std::string> signer_of_object(std::string_view object_name);
/// The same, and an error for names below kubernetes.io: for objects that people make.
std::expected<engine::SignerName, std::string> own_signer_of_object(std::string_view object_name);

/// `signer/example.com%2Fweb`.
engine::StreamId stream_of_signer(const engine::SignerName&);

}  // namespace csrflow::signer
