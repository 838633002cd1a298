#include "engine/email_local_part.hpp"
#include "engine/email_name.hpp"

namespace csrflow::engine {

std::expected<EmailPattern, std::string> EmailPattern::parse(std::string_view pattern) {
  const auto at = pattern.rfind('@');
  if (at == std::string_view::npos) return std::unexpected("no @");
  const std::string_view local = pattern.substr(0, at);
  if (const auto fault = fault_of_local_part(local); !fault.empty())
    return std::unexpected(std::string(fault));
  if (local != "*" && local.find('*') != std::string_view::npos)
    return std::unexpected("a star stands for a whole local part only");
  auto domain = DnsPattern::parse(pattern.substr(at + 1));
  if (!domain) return std::unexpected("domain: " + domain.error());
  std::string text = std::string(local) + '@' + domain->text();
  return EmailPattern(std::move(text), std::string(local), std::move(*domain));
}

bool EmailPattern::covers(std::string_view canonical_address) const {
  const auto at = canonical_address.rfind('@');
  if (at == std::string_view::npos) return false;
  return (any_local_part() || canonical_address.substr(0, at) == local_) &&
         domain_.covers(canonical_address.substr(at + 1));
}

bool EmailPattern::covers(const EmailPattern& other) const {
  return (any_local_part() || local_ == other.local_) && domain_.covers(other.domain_);
}

bool EmailPattern::overlaps(const EmailPattern& other) const {
  return (any_local_part() || other.any_local_part() || local_ == other.local_) &&
         domain_.overlaps(other.domain_);
}

}  // namespace csrflow::engine
