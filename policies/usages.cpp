#include "policies/usages.hpp"

#include <algorithm>

#include "engine/nearest.hpp"

namespace csrflow::policies {
namespace {

constexpr std::string_view usages[] = {"signing",
                                       "digital signature",
                                       "content commitment",
                                       "key encipherment",
                                       "key agreement",
                                       "data encipherment",
                                       "cert sign",
                                       "crl sign",
                                       "encipher only",
                                       "decipher only",
                                       "any",
                                       "server auth",
                                       "client auth",
                                       "code signing",
                                       "email protection",
                                       "s/mime",
                                       "ipsec end system",
                                       "ipsec tunnel",
                                       "ipsec user",
                                       "timestamping",
                                       "ocsp signing",
                                       "microsoft sgc",
                                       "netscape sgc"};

}  // namespace

bool is_usage(std::string_view name) {
  return std::ranges::find(usages, name) != std::end(usages);
}
std::string nearest_usage(std::string_view name) {
  return std::string(engine::nearest(name, usages));
}

}  // namespace csrflow::policies
