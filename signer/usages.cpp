#include "signer/usages.hpp"

#include <openssl/obj_mac.h>

#include <algorithm>
#include <string_view>

namespace csrflow::signer {
namespace {

struct Bit {
  std::string_view name;
  unsigned number;
};
constexpr Bit bits[] = {
    {"signing", 0},           {"digital signature", 0}, {"content commitment", 1}, {"key encipherment", 2},
    {"data encipherment", 3}, {"key agreement", 4},     {"cert sign", 5},          {"crl sign", 6},
    {"encipher only", 7},     {"decipher only", 8},
};

struct Extended {
  std::string_view name;
  int nid;
};
// In the order of issued certificates.
constexpr Extended extended[] = {
    {"any", NID_anyExtendedKeyUsage},
    {"server auth", NID_server_auth},
    {"client auth", NID_client_auth},
    {"code signing", NID_code_sign},
    {"email protection", NID_email_protect},
    {"s/mime", NID_email_protect},
    {"ipsec end system", NID_ipsecEndSystem},
    {"ipsec tunnel", NID_ipsecTunnel},
    {"ipsec user", NID_ipsecUser},
    {"timestamping", NID_time_stamp},
    {"ocsp signing", NID_OCSP_sign},
    {"microsoft sgc", NID_ms_sgc},
    {"netscape sgc", NID_ns_sgc},
};

}  // namespace

KeyUsages key_usages(std::span<const std::string> names) {
  const auto asked = [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
  KeyUsages usages;
  for (const Bit& bit : bits)
    if (asked(bit.name)) usages.bits = static_cast<std::uint16_t>(usages.bits | 1U << bit.number);
  for (const Extended& usage : extended)
    if (asked(usage.name) && (usages.extended.empty() || usages.extended.back() != usage.nid))
      usages.extended.push_back(usage.nid);
  return usages;
}

std::vector<std::string_view> usage_names() {
  std::vector<std::string_view> names;
  for (const Bit& bit : bits) names.push_back(bit.name);
  for (const Extended& usage : extended) names.push_back(usage.name);
  return names;
}

}  // namespace csrflow::signer
