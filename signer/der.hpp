// Is it DER (X.690 10, 11) and not merely BER? OpenSSL's decoders accept BER, so this is asked first.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace csrflow::signer {

constexpr int max_der_depth = 16;

/// One SEQUENCE and nothing after it: definite minimal lengths, low tag numbers, no constructed strings,
/// canonical booleans, at most `max_der_depth` deep. Contents of primitive values are not looked at. Errors
/// are in the words of Go's encoding/asn1 where it has them.
std::expected<void, std::string> check_der(std::string_view bytes);

/// Length of the first element of `bytes`, header included; 0 when it is not complete.
std::size_t element_length(std::string_view bytes);

}  // namespace csrflow::signer
