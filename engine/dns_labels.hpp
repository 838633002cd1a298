// Labels of DNS names (RFC 1034 3.1): internal to dns_name.cpp and dns_pattern.cpp.
#pragma once

#include "engine/dns_name.hpp"

namespace csrflow::engine {

constexpr std::size_t max_dns_name = 253, max_dns_label = 63;

std::string lower_case_dns(std::string_view);
/// What is wrong with a label in lower case; empty: nothing.
std::string_view fault_of_label(std::string_view label, DnsRules);
std::string_view fault_of_labels(std::string_view name, DnsRules);

}  // namespace csrflow::engine
