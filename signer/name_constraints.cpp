#include "signer/name_constraints.hpp"

#include <algorithm>

#include "engine/ip_address.hpp"

namespace csrflow::signer {
namespace {

bool is_below(std::string_view name, std::string_view base) {
  return name.size() > base.size() + 1 && name.ends_with(base) && name[name.size() - base.size() - 1] == '.';
}
bool is_in(std::string_view name, std::string_view base) {
  return name == base || is_below(name, base);
}
/// The part after `*.`; empty for a name without a star.
std::string_view starred(std::string_view name) {
  return name.starts_with("*.") ? name.substr(2) : std::string_view();
}
std::size_t labels(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count(name, '.')) + 1;
}

bool dns_inside(std::string_view name, std::string_view base) {
  const auto parent = starred(name);
  return parent.empty() ? is_in(name, base) : is_in(parent, base);
}
bool dns_touches(std::string_view name, std::string_view base) {
  const auto parent = starred(name);
  if (parent.empty()) return is_in(name, base);
  return is_in(parent, base) || (is_below(base, parent) && labels(base) == labels(parent) + 1);
}

/// `.example.com`: hosts below; `example.com`: that host.
bool host_is_in(std::string_view host, std::string_view constraint) {
  return constraint.starts_with('.') ? is_below(host, constraint.substr(1)) : host == constraint;
}
bool email_is_in(std::string_view address, std::string_view constraint) {
  if (constraint.find('@') != std::string_view::npos) return address == constraint;
  return host_is_in(address.substr(address.rfind('@') + 1), constraint);
}
/// Host of a canonical URI; empty when it has none.
std::string_view host_of(std::string_view uri) {
  const auto at = uri.find("://");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = uri.substr(at + 3);
  if (rest.starts_with('[')) return rest.substr(0, rest.find(']') + 1);
  return rest.substr(0, std::min(rest.find_first_of("/:?#"), rest.size()));
}
bool uri_is_in(std::string_view uri, std::string_view constraint) {
  return host_is_in(host_of(uri), constraint);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}
std::string text_of(const std::string& text) {
  return text;
}
std::string text_of(const engine::IpRange& range) {
  return range.text();
}

/// `inside` and `touches` take a name and an entry of the set.
template <class Name, class Entry, class Inside, class Touches>
std::optional<std::string> fault(std::string_view kind, const std::string& shown, const Name& name,
                                 const std::vector<Entry>& permitted, const std::vector<Entry>& excluded,
                                 Inside inside, Touches touches) {
  const auto refused =
      std::ranges::find_if(excluded, [&](const Entry& entry) { return touches(name, entry); });
  if (refused != excluded.end())
    return std::string(kind) + ' ' + shown + " is excluded by " + text_of(*refused);
  if (permitted.empty() ||
      std::ranges::any_of(permitted, [&](const Entry& entry) { return inside(name, entry); }))
    return std::nullopt;
  std::vector<std::string> texts;
  for (const Entry& entry : permitted) texts.push_back(text_of(entry));
  return std::string(kind) + ' ' + shown + " is outside " + joined(texts);
}

}  // namespace

std::optional<std::string> outside_constraints(const SignerSpec::Names& rule, const AlternativeNames& names) {
  const NameSet &permitted = rule.permitted, &excluded = rule.excluded;
  for (const auto& name : names.dns)
    if (auto found = fault("DNS name", name, name, permitted.dns, excluded.dns, dns_inside, dns_touches))
      return found;
  for (const auto& bytes : names.ip) {
    const auto address = engine::IpAddress::from_bytes(bytes);
    if (!address) return "an IP address has neither 4 nor 16 bytes";
    const auto covers = [](const engine::IpAddress& one, const engine::IpRange& range) {
      return range.covers(one);
    };
    if (auto found =
            fault("IP address", address->text(), *address, permitted.ip, excluded.ip, covers, covers))
      return found;
  }
  for (const auto& name : names.email)
    if (auto found =
            fault("e-mail name", name, name, permitted.email, excluded.email, email_is_in, email_is_in))
      return found;
  for (const auto& name : names.uri) {
    // RFC 5280: a constraint cannot be met by a URI without a host name.
    const auto host = host_of(name);
    if ((host.empty() || host.starts_with('[') || engine::IpAddress::parse(host)) &&
        !(permitted.uri.empty() && excluded.uri.empty()))
      return "URI " + name + " has no host name, and URIs are constrained by it";
    if (auto found = fault("URI", name, name, permitted.uri, excluded.uri, uri_is_in, uri_is_in))
      return found;
  }
  return std::nullopt;
}

}  // namespace csrflow::signer
