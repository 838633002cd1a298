#include "engine/dns_name.hpp"

#include <algorithm>

#include "engine/dns_labels.hpp"
#include "engine/ip_address.hpp"

namespace csrflow::engine {
namespace {

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string lower_case_dns(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

std::string_view fault_of_label(std::string_view label, DnsRules rules) {
  if (label.empty()) return "empty label";
  if (label.size() > max_dns_label) return "label longer than 63";
  for (const char c : label) {
    if (static_cast<unsigned char>(c) >= 0x80) return "not an A-label";
    if (c == '*') return "wildcard not first";
    if (c == '_' && !rules.underscores) return "underscore";
    if (!letter_or_digit(c) && c != '-' && c != '_') return "character";
  }
  if (!rules.outer_hyphens && label.front() == '-') return "hyphen first";
  if (!rules.outer_hyphens && label.back() == '-') return "hyphen last";
  return {};
}

std::string_view fault_of_labels(std::string_view name, DnsRules rules) {
  while (true) {
    const auto dot = name.find('.');
    if (const auto fault = fault_of_label(name.substr(0, dot), rules); !fault.empty()) return fault;
    if (dot == std::string_view::npos) return {};
    name.remove_prefix(dot + 1);
  }
}

std::expected<std::string, std::string> canonical_dns(std::string_view name, DnsRules rules) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return std::unexpected("empty");
  if (name.size() > max_dns_name) return std::unexpected("longer than 253");
  std::string lower = lower_case_dns(name);
  const std::string_view labels = lower.starts_with("*.") ? std::string_view(lower).substr(2) : lower;
  if (const auto fault = fault_of_labels(labels, rules); !fault.empty())
    return std::unexpected(std::string(fault));
  if (IpAddress::parse(labels)) return std::unexpected("an IP address");
  return lower;
}

}  // namespace csrflow::engine
