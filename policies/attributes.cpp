#include "policies/attributes.hpp"

#include <algorithm>
#include <array>

namespace csrflow::policies {
namespace {

struct Attribute {
  std::string_view oid, field, word, short_name;
};
// In the order of AttributeKind.
constexpr std::array<Attribute, attribute_kinds> attributes{{
    {"2.5.4.3", "commonName", "common name", "CN"},
    {"2.5.4.10", "organizations", "organization", "O"},
    {"2.5.4.11", "organizationalUnits", "organizational unit", "OU"},
    {"2.5.4.6", "countries", "country", "C"},
    {"2.5.4.7", "localities", "locality", "L"},
    {"2.5.4.8", "provinces", "province", "ST"},
    {"2.5.4.9", "streetAddresses", "street address", "street"},
    {"2.5.4.17", "postalCodes", "postal code", "postalCode"},
    {"2.5.4.5", "serialNumbers", "serial number", "serialNumber"},
    {"1.2.840.113549.1.9.1", "emailAddresses", "e-mail address", "emailAddress"},
    {"0.9.2342.19200300.100.1.25", "domainComponents", "domain component", "DC"},
    {"0.9.2342.19200300.100.1.1", "userIds", "user id", "UID"},
}};

constexpr std::pair<std::string_view, std::string_view> extensions[] = {
    {"subjectKeyIdentifier", "2.5.29.14"},
    {"keyUsage", "2.5.29.15"},
    {"subjectAltName", "2.5.29.17"},
    {"issuerAltName", "2.5.29.18"},
    {"basicConstraints", "2.5.29.19"},
    {"nameConstraints", "2.5.29.30"},
    {"crlDistributionPoints", "2.5.29.31"},
    {"certificatePolicies", "2.5.29.32"},
    {"policyMappings", "2.5.29.33"},
    {"authorityKeyIdentifier", "2.5.29.35"},
    {"policyConstraints", "2.5.29.36"},
    {"extendedKeyUsage", "2.5.29.37"},
    {"freshestCRL", "2.5.29.46"},
    {"inhibitAnyPolicy", "2.5.29.54"},
    {"authorityInfoAccess", "1.3.6.1.5.5.7.1.1"},
    {"subjectInfoAccess", "1.3.6.1.5.5.7.1.11"},
    {"tlsFeature", "1.3.6.1.5.5.7.1.24"},
    {"ocspNoCheck", "1.3.6.1.5.5.7.48.1.5"},
};

const Attribute& of(AttributeKind kind) {
  return attributes[static_cast<std::size_t>(kind)];
}

}  // namespace

std::optional<AttributeKind> attribute_kind(std::string_view oid) {
  const auto found = std::ranges::find(attributes, oid, &Attribute::oid);
  if (found == attributes.end()) return std::nullopt;
  return static_cast<AttributeKind>(found - attributes.begin());
}
std::string_view attribute_oid(AttributeKind kind) {
  return of(kind).oid;
}
std::string_view attribute_field(AttributeKind kind) {
  return of(kind).field;
}
std::string_view attribute_word(AttributeKind kind) {
  return of(kind).word;
}
std::string attribute_short_name(std::string_view oid) {
  const auto kind = attribute_kind(oid);
  return std::string(kind ? of(*kind).short_name : oid);
}

std::optional<std::string> extension_oid(std::string_view name) {
  if (is_oid(name)) return std::string(name);
  for (const auto& [known, oid] : extensions) {
    if (known == name) return std::string(oid);
  }
  return std::nullopt;
}

bool always_allowed_extension(std::string_view oid, bool requests_ca) {
  return oid == "2.5.29.17" || oid == "2.5.29.15" || oid == "2.5.29.37" || oid == "2.5.29.14" ||
         (oid == "2.5.29.19" && !requests_ca);
}

bool is_oid(std::string_view text) {
  constexpr std::size_t max_oid = 128;
  if (text.size() < 3 || text.size() > max_oid || text[0] < '0' || text[0] > '2') return false;
  if (text.find('.') == std::string_view::npos || text.ends_with('.')) return false;
  char before = '.';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (!digit && (text[i] != '.' || before == '.')) return false;
    if (before == '.' && text[i] == '0' && i + 1 < text.size() && text[i + 1] != '.') return false;
    before = text[i];
  }
  return true;
}

}  // namespace csrflow::policies
