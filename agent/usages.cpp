#include "agent/usages.hpp"

#include <openssl/objects.h>

#include <algorithm>
#include <string_view>

namespace csrflow::agent {
namespace {

struct Named {
  std::string_view name;
  int value;
};
// The first name of a value is the one that is shown.
constexpr Named bits[] = {
    {"digital signature", 0}, {"signing", 0},       {"content commitment", 1}, {"key encipherment", 2},
    {"data encipherment", 3}, {"key agreement", 4}, {"cert sign", 5},          {"crl sign", 6},
    {"encipher only", 7},     {"decipher only", 8},
};
constexpr Named extended[] = {
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

std::expected<Usages, std::string> read_usages(std::span<const std::string> names) {
  Usages usages;
  for (const std::string& name : names) {
    const auto bit = std::ranges::find(bits, name, &Named::name);
    const auto purpose = std::ranges::find(extended, name, &Named::name);
    if (bit != std::end(bits)) {
      usages.bits = static_cast<std::uint16_t>(usages.bits | 1U << bit->value);
    } else if (purpose != std::end(extended)) {
      usages.extended.insert(purpose->value);
    } else {
      return std::unexpected("there is no key usage \"" + name + "\"");
    }
  }
  return usages;
}

std::string name_of_bit(unsigned bit) {
  const auto found = std::ranges::find(bits, static_cast<int>(bit), &Named::value);
  return found == std::end(bits) ? "bit " + std::to_string(bit) : std::string(found->name);
}

std::string name_of_extended(int nid) {
  const auto found = std::ranges::find(extended, nid, &Named::value);
  if (found != std::end(extended)) return std::string(found->name);
  const char* name = OBJ_nid2ln(nid);
  return name == nullptr ? "an unknown one" : name;
}

}  // namespace csrflow::agent
