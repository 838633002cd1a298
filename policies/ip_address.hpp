// IP addresses and ranges, which signers need, too.
#pragma once

#include "engine/ip_address.hpp"

namespace csrflow::policies {

using engine::IpAddress;
using engine::IpRange;

}  // namespace csrflow::policies
