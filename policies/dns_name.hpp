// DNS names and their patterns, which signers need, too.
#pragma once

#include "engine/dns_name.hpp"

namespace csrflow::policies {

using engine::canonical_dns;
using engine::DnsPattern;
using engine::DnsRules;
using engine::lenient_dns;

}  // namespace csrflow::policies
