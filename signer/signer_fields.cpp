#include "signer/signer_fields.hpp"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>

#include "engine/dns_name.hpp"
#include "engine/email_name.hpp"
#include "engine/ip_address.hpp"
#include "engine/nearest.hpp"
#include "signer/openssl.hpp"
#include "signer/usages.hpp"

namespace csrflow::signer {
namespace {

using Result = std::expected<std::string, std::string>;

/// A host, or with a leading dot all that are below it.
Result host_constraint(std::string_view text) {
  const bool below = text.starts_with('.');
  const auto host = engine::canonical_dns(below ? text.substr(1) : text);
  if (!host) return std::unexpected("is no host: " + host.error());
  if (host->starts_with('*'))
    return std::unexpected("no star here: .example.com stands for the hosts below example.com");
  return (below ? "." : "") + *host;
}

// What csrflow itself puts there.
constexpr std::array issued_extensions{NID_subject_alt_name,
                                       NID_key_usage,
                                       NID_ext_key_usage,
                                       NID_basic_constraints,
                                       NID_subject_key_identifier,
                                       NID_authority_key_identifier,
                                       NID_name_constraints,
                                       NID_crl_distribution_points,
                                       NID_info_access,
                                       NID_certificate_policies,
                                       NID_policy_mappings,
                                       NID_policy_constraints,
                                       NID_inhibit_any_policy,
                                       NID_issuer_alt_name,
                                       NID_freshest_crl};
constexpr std::size_t max_oid_text = 64;

}  // namespace

Result leaf_usage(std::string_view text) {
  const auto known = usage_names();
  if (std::ranges::find(known, text) == known.end())
    return std::unexpected("is no usage; the nearest is \"" + std::string(engine::nearest(text, known)) +
                           '"');
  if (text == "cert sign" || text == "crl sign" || text == "ocsp signing")
    return std::unexpected("would let the certificate speak for the CA; signers make no such certificates");
  return std::string(text);
}

Result dns_constraint(std::string_view text) {
  if (text.starts_with('.'))
    return std::unexpected("no dot in front: " + std::string(text.substr(1)) +
                           " includes every name below it");
  const auto name = engine::canonical_dns(text, {.underscores = true});
  if (!name) return std::unexpected("is no DNS name: " + name.error());
  if (name->starts_with('*'))
    return std::unexpected("no star here: " + name->substr(2) + " includes every name below it");
  return name;
}

Result ip_constraint(std::string_view text) {
  const auto range = engine::IpRange::parse(text);
  if (!range) return std::unexpected("is no range of addresses: " + range.error());
  return range->text();
}

Result email_constraint(std::string_view text) {
  if (text.find('@') == std::string_view::npos) return host_constraint(text);
  const auto address = engine::canonical_email(text);
  if (!address) return std::unexpected("is no e-mail address: " + address.error());
  return address;
}

Result uri_constraint(std::string_view text) {
  return host_constraint(text);
}

Result requested_extension(std::string_view text) {
  const std::string name(text);
  const Handle<ASN1_OBJECT, ASN1_OBJECT_free> object(
      name.empty() || name.size() > max_oid_text ? nullptr : OBJ_txt2obj(name.c_str(), 0));
  ERR_clear_error();
  std::array<char, 128> dotted{};
  if (!object || OBJ_obj2txt(dotted.data(), dotted.size(), object.get(), 1) <= 0)
    return std::unexpected("is no extension that is known by name; write its OID, as 1.3.6.1.5.5.7.1.24");
  if (std::ranges::find(issued_extensions, OBJ_obj2nid(object.get())) != issued_extensions.end())
    return std::unexpected("is not taken from requests: csrflow sets it");
  return std::string(dotted.data());
}

}  // namespace csrflow::signer
