#include "agent/names.hpp"

#include <openssl/err.h>

#include <algorithm>

#include "engine/dns_name.hpp"
#include "engine/email_name.hpp"
#include "engine/ip_address.hpp"
#include "engine/uri_name.hpp"

namespace csrflow::agent {
namespace {

// Those that Kubernetes' signers know: another would be missing in the certificate.
constexpr std::string_view attribute_types[] = {"CN", "O",      "OU",         "C",           "ST",
                                                "L",  "street", "postalCode", "serialNumber"};

using Canonical = std::expected<std::string, std::string>;

struct Kind {
  int type;
  std::string_view prefix, shown;
  std::vector<std::string> CertificateWish::*list;
  Canonical (*canonical)(std::string_view);
};
constexpr Kind kinds[] = {
    {GEN_DNS, "DNS:", "DNS name", &CertificateWish::dns,
     [](std::string_view text) { return engine::canonical_dns(text, engine::lenient_dns); }},
    {GEN_IPADD, "IP:", "IP address", &CertificateWish::ip,
     [](std::string_view text) -> Canonical {
       const auto address = engine::IpAddress::parse(text);
       if (!address) return std::unexpected(address.error());
       return address->text();
     }},
    {GEN_EMAIL, "email:", "e-mail address", &CertificateWish::email,
     [](std::string_view text) -> Canonical { return engine::canonical_email(text); }},
    {GEN_URI, "URI:", "URI", &CertificateWish::uri,
     [](std::string_view text) -> Canonical { return engine::canonical_uri(text); }},
};

/// What stands in the GeneralName.
engine::Bytes content_of(int type, const std::string& canonical) {
  if (type != GEN_IPADD) return canonical;
  const auto address = engine::IpAddress::parse(canonical);
  return {reinterpret_cast<const char*>(address->bytes.data()), address->v6 ? 16U : 4U};
}

GeneralNameHandle general_name(int type, const engine::Bytes& content) {
  GeneralNameHandle name(require(GENERAL_NAME_new(), "build a name"));
  ASN1_STRING* value = require(
      ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING), "build a name");
  GENERAL_NAME_set0_value(name.get(), type, value);
  require(ASN1_STRING_set(value, content.data(), static_cast<int>(content.size())) == 1, "build a name");
  return name;
}

std::string canonical_or_raw(const Kind& kind, std::string_view content) {
  if (kind.type == GEN_IPADD) {
    const auto address = engine::IpAddress::from_bytes(content);
    return address ? address->text() : engine::to_hex(content);
  }
  return kind.canonical(content).value_or(std::string(content));
}

}  // namespace

std::expected<NameHandle, std::string> subject_of(const CertificateWish& wish) {
  NameHandle name(require(X509_NAME_new(), "build a subject"));
  for (const auto& [type, value] : wish.subject) {
    if (std::ranges::find(attribute_types, type) == std::end(attribute_types))
      return std::unexpected("the subject's attribute \"" + type +
                             "\" is none of CN, O, OU, C, ST, L, street, postalCode, serialNumber");
    if (value.empty() || value.size() > max_wished_value)
      return std::unexpected("the subject's " + type + " must have 1 to " + std::to_string(max_wished_value) +
                             " bytes");
    if (X509_NAME_add_entry_by_txt(name.get(), type.c_str(), MBSTRING_UTF8, octets(value),
                                   static_cast<int>(value.size()), -1, 0) != 1)
      return std::unexpected("the subject's " + type + " \"" + value +
                             "\" is too long for its kind, or no UTF-8: " + drain_errors());
  }
  return name;
}

std::expected<NameSet, std::string> names_of(const CertificateWish& wish) {
  NameSet names;
  for (const Kind& kind : kinds)
    for (const std::string& text : wish.*kind.list) {
      if (text.size() > max_wished_value)
        return std::unexpected("a " + std::string(kind.shown) + " has more than " +
                               std::to_string(max_wished_value) + " bytes");
      const auto canonical = kind.canonical(text);
      if (!canonical)
        return std::unexpected("the " + std::string(kind.shown) + " \"" + text + "\": " + canonical.error());
      names.insert(std::string(kind.prefix) + *canonical);
    }
  if (names.size() > max_wished_names)
    return std::unexpected(std::to_string(names.size()) + " names are more than " +
                           std::to_string(max_wished_names));
  return names;
}

std::expected<GeneralNamesHandle, std::string> general_names(const CertificateWish& wish) {
  const auto names = names_of(wish);
  if (!names) return std::unexpected(names.error());
  if (names->empty()) return GeneralNamesHandle();
  GeneralNamesHandle list(require(GENERAL_NAMES_new(), "build the names"));
  for (const std::string& name : *names) {
    const auto kind = std::ranges::find_if(kinds, [&](const Kind& k) { return name.starts_with(k.prefix); });
    GeneralNameHandle made =
        general_name(kind->type, content_of(kind->type, name.substr(kind->prefix.size())));
    require(sk_GENERAL_NAME_push(list.get(), made.get()) > 0, "build the names");
    static_cast<void>(made.release());  // it belongs to the list now
  }
  return list;
}

SubjectSet attributes_of(const X509_NAME* name) {
  SubjectSet attributes;
  for (int at = 0; at < X509_NAME_entry_count(name); ++at) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, at);
    char type[80];
    const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
    const int nid = OBJ_obj2nid(object);
    if (nid == NID_undef) OBJ_obj2txt(type, sizeof type, object, 1);
    unsigned char* text = nullptr;
    const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    const Handle<unsigned char, free_memory> owner(text);
    if (length < 0) ERR_clear_error();
    attributes.insert(
        std::string(nid == NID_undef ? type : OBJ_nid2sn(nid)) + "=" +
        (length < 0 ? std::string("(unreadable)")
                    : std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length))));
  }
  return attributes;
}

NameSet names_of(const GENERAL_NAMES* list) {
  NameSet names;
  for (int at = 0; at < sk_GENERAL_NAME_num(list); ++at) {
    int type = -1;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list, at), &type);
    const auto kind = std::ranges::find(kinds, type, &Kind::type);
    names.insert(kind == std::end(kinds)
                     ? "other name " + std::to_string(at)
                     : std::string(kind->prefix) +
                           canonical_or_raw(*kind, view(static_cast<const ASN1_STRING*>(value))));
  }
  return names;
}

}  // namespace csrflow::agent
