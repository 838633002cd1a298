#include "signer/der.hpp"

#include <cstdint>
#include <optional>

namespace csrflow::signer {
namespace {

constexpr unsigned boolean_tag = 0x01, sequence_tag = 0x30, set_tag = 0x31;
constexpr unsigned constructed_bit = 0x20, class_bits = 0xc0, number_bits = 0x1f;
constexpr std::size_t max_length_octets = 3;  // 16 MiB, far beyond every size limit here

using Error = std::optional<std::string>;

struct Element {
  unsigned tag = 0;
  std::string_view content;
};

unsigned octet(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// Takes the first element off `bytes`.
std::expected<Element, std::string> take(std::string_view& bytes) {
  if (bytes.empty()) return std::unexpected("asn1: syntax error: sequence truncated");
  const unsigned tag = octet(bytes, 0);
  if ((tag & number_bits) == number_bits)
    return std::unexpected("asn1: structure error: unexpected tag number");
  if (bytes.size() < 2) return std::unexpected("asn1: syntax error: truncated tag or length");
  std::size_t length = octet(bytes, 1), header = 2;
  if (length == 0x80) return std::unexpected("asn1: syntax error: indefinite length found (not DER)");
  if (length > 0x80) {
    const std::size_t count = length & 0x7f;
    if (count > max_length_octets) return std::unexpected("asn1: structure error: length too large");
    if (bytes.size() < 2 + count) return std::unexpected("asn1: syntax error: truncated tag or length");
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | octet(bytes, 2 + i);
    if (length < 0x80 || octet(bytes, 2) == 0)
      return std::unexpected("asn1: structure error: non-minimal length");
    header += count;
  }
  if (bytes.size() - header < length) return std::unexpected("asn1: syntax error: data truncated");
  const Element element{tag, bytes.substr(header, length)};
  bytes.remove_prefix(header + length);
  return element;
}

Error check_element(const Element& element, int depth) {
  const bool constructed = (element.tag & constructed_bit) != 0;
  const bool universal = (element.tag & class_bits) == 0;
  if (universal && constructed && element.tag != sequence_tag && element.tag != set_tag)
    return "asn1: structure error: a string in parts (not DER)";
  if (element.tag == boolean_tag &&
      (element.content.size() != 1 || (octet(element.content, 0) != 0 && octet(element.content, 0) != 0xff)))
    return "asn1: syntax error: invalid boolean";
  if (!constructed) return std::nullopt;
  if (depth > max_der_depth) return "asn1: structure error: nested too deeply";
  for (auto rest = element.content; !rest.empty();) {
    const auto inner = take(rest);
    if (!inner) return inner.error();
    if (auto error = check_element(*inner, depth + 1)) return error;
  }
  return std::nullopt;
}

}  // namespace

std::expected<void, std::string> check_der(std::string_view bytes) {
  auto rest = bytes;
  const auto element = take(rest);
  if (!element) return std::unexpected(element.error());
  if (element->tag != sequence_tag) return std::unexpected("asn1: structure error: tags don't match");
  if (!rest.empty()) return std::unexpected("asn1: syntax error: trailing data");
  if (auto error = check_element(*element, 1)) return std::unexpected(std::move(*error));
  return {};
}

std::size_t element_length(std::string_view bytes) {
  auto rest = bytes;
  return take(rest) ? bytes.size() - rest.size() : 0;
}

}  // namespace csrflow::signer
