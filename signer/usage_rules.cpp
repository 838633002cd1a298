#include "signer/usage_rules.hpp"

#include <openssl/obj_mac.h>

#include <algorithm>
#include <bit>

namespace csrflow::signer {
namespace {

enum : std::uint16_t {
  key_encipherment = 1U << 2,
  data_encipherment = 1U << 3,
  key_agreement = 1U << 4,
  encipher_only = 1U << 7,
  decipher_only = 1U << 8,
};
constexpr std::string_view bit_names[] = {"digital signature", "content commitment", "key encipherment",
                                          "data encipherment", "key agreement",      "cert sign",
                                          "crl sign",          "encipher only",      "decipher only"};

}  // namespace

std::uint16_t unfit_bits(std::string_view key_algorithm) {
  if (key_algorithm == "RSA") return key_agreement | encipher_only | decipher_only;  // RFC 4055 1.2
  if (key_algorithm == "ECDSA") return key_encipherment | data_encipherment;         // RFC 8813 3
  return key_encipherment | data_encipherment | key_agreement | encipher_only | decipher_only;  // RFC 8410 5
}

std::string_view name_of_bit(std::uint16_t bits) {
  return bits == 0 ? std::string_view() : bit_names[std::countr_zero(bits)];
}

std::optional<std::string> usage_conflict(const KeyUsages& usages, std::string_view key_algorithm) {
  if (const auto unfit = static_cast<std::uint16_t>(usages.bits & unfit_bits(key_algorithm)); unfit != 0)
    return "usage \"" + std::string(name_of_bit(unfit)) + "\" is nothing that the request's " +
           std::string(key_algorithm) + " key can do";
  if ((usages.bits & (encipher_only | decipher_only)) != 0 && (usages.bits & key_agreement) == 0)
    return "usages \"encipher only\" and \"decipher only\" mean something beside \"key agreement\" only";
  if (std::ranges::find(usages.extended, NID_time_stamp) != usages.extended.end() &&
      usages.extended.size() > 1)
    return "usage \"timestamping\" must be the only extended one (RFC 3161 2.3)";
  return std::nullopt;
}

}  // namespace csrflow::signer
