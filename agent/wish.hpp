// What a host wants to have certified: the content of its requests, and what a certificate must be to be
// installed.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::agent {

enum class KeyKind { p256, p384, rsa2048, rsa3072, rsa4096, ed25519 };
/// `P-256`, `P-384`, `RSA-2048`, `RSA-3072`, `RSA-4096`, `Ed25519`.
std::string_view name_of(KeyKind);
/// The kind of this name, in any case; the error lists the names.
std::expected<KeyKind, std::string> parse_key_kind(std::string_view name);

/// One attribute of the subject (RFC 4519): `CN`, `O`, `OU`, `C`, `ST`, `L`, `street`, `postalCode`,
/// `serialNumber`; the value in UTF-8.
struct SubjectAttribute {
  std::string type, value;
  auto operator<=>(const SubjectAttribute&) const = default;
};

struct CertificateWish {
  std::string name;  ///< of the unit: `web-1`
  KeyKind key = KeyKind::p256;
  std::vector<SubjectAttribute> subject;  ///< may be empty when there are other names (RFC 5280 4.1.2.6)
  std::vector<std::string> dns, ip, email, uri;
  std::vector<std::string> usages;  ///< as Kubernetes names them: `digital signature`, `server auth`
};

/// Bounds of a wish: a request over them is refused before a key is made.
constexpr std::size_t max_wished_names = 100;
constexpr std::size_t max_wished_value = 1024;  // bytes

}  // namespace csrflow::agent
