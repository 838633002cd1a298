#include "engine/email_name.hpp"

#include <algorithm>

#include "engine/email_local_part.hpp"

namespace csrflow::engine {
namespace {

constexpr std::size_t max_local_part = 64;

bool atext(char c) {  // RFC 5322 3.2.3
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

}  // namespace

std::string_view fault_of_local_part(std::string_view local) {
  if (local.empty()) return "no local part";
  if (local.size() > max_local_part) return "local part longer than 64";
  if (local.front() == '"') return "quoted local part";
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
    return "a dot first, last or twice in the local part";
  if (!std::ranges::all_of(local, [](char c) { return atext(c) || c == '.'; }))
    return "character in the local part";
  return {};
}

std::expected<std::string, std::string> canonical_email(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return std::unexpected("no @");
  const std::string_view local = address.substr(0, at);
  if (const auto fault = fault_of_local_part(local); !fault.empty())
    return std::unexpected(std::string(fault));
  const auto domain = canonical_dns(address.substr(at + 1), lenient_dns);
  if (!domain) return std::unexpected("domain: " + domain.error());
  if (domain->starts_with('*')) return std::unexpected("domain: wildcard");
  return std::string(local) + '@' + *domain;
}

}  // namespace csrflow::engine
