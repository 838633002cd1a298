// E-mail addresses as certificates have them (rfc822Name, RFC 5280 4.2.1.6).
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "engine/dns_name.hpp"

namespace csrflow::engine {

/// The local part's bytes stay, the domain becomes canonical. Quoted local parts, non-ASCII ones and address
/// literals are errors.
std::expected<std::string, std::string> canonical_email(std::string_view address);

/// `jane@example.com`, `*@example.com` (any whole local part), `*@*.example.com` (the domain is a
/// DnsPattern).
class EmailPattern {
 public:
  static std::expected<EmailPattern, std::string> parse(std::string_view pattern);

  const std::string& text() const { return text_; }  ///< canonical
  bool covers(std::string_view canonical_address) const;
  bool covers(const EmailPattern&) const;
  bool overlaps(const EmailPattern&) const;
  bool any_local_part() const { return local_ == "*"; }
  const DnsPattern& domain() const { return domain_; }

 private:
  EmailPattern(std::string text, std::string local, DnsPattern domain)
      : text_(std::move(text)), local_(std::move(local)), domain_(std::move(domain)) {}
  std::string text_, local_;
  DnsPattern domain_;
};

}  // namespace csrflow::engine
