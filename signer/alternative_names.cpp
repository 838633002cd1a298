#include "signer/alternative_names.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <algorithm>

#include "signer/der.hpp"

namespace csrflow::signer {
namespace {

/// Printable ASCII: what an IA5String of a name can sensibly hold. NUL, blanks and controls have no place
/// there.
std::expected<std::string, std::string> visible(const ASN1_STRING* value, const char* kind) {
  const auto text = view(value);
  if (text.empty() || !std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; }))
    return std::unexpected(std::string("x509: SAN ") + kind + " is malformed");
  return std::string(text);
}

std::expected<void, std::string> add(AlternativeNames& names, const GENERAL_NAME* name) {
  const auto keep = [](std::vector<std::string>& list,
                       std::expected<std::string, std::string> text) -> std::expected<void, std::string> {
    if (!text) return std::unexpected(std::move(text.error()));
    list.push_back(std::move(*text));
    return {};
  };
  switch (name->type) {
    case GEN_DNS:
      return keep(names.dns, visible(name->d.dNSName, "dNSName"));
    case GEN_EMAIL:
      return keep(names.email, visible(name->d.rfc822Name, "rfc822Name"));
    case GEN_URI:
      return keep(names.uri, visible(name->d.uniformResourceIdentifier, "uniformResourceIdentifier"));
    case GEN_IPADD: {
      const auto address = view(name->d.iPAddress);
      if (address.size() != 4 && address.size() != 16)
        return std::unexpected("x509: cannot parse IP address of length " + std::to_string(address.size()));
      names.ip.emplace_back(address);
      return {};
    }
    default:
      return {};
  }
}

void push(GENERAL_NAMES* list, int type, ASN1_STRING* (*make)(), std::string_view bytes) {
  Handle<ASN1_STRING, ASN1_STRING_free> value(make());
  GeneralNamePtr name(GENERAL_NAME_new());
  require(value && name && ASN1_STRING_set(value.get(), bytes.data(), static_cast<int>(bytes.size())) == 1,
          "build a general name");
  GENERAL_NAME_set0_value(name.get(), type, value.release());
  require(sk_GENERAL_NAME_push(list, name.get()) > 0, "build general names");
  static_cast<void>(name.release());
}

std::string_view unmapped(std::string_view address) {
  constexpr std::string_view prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  return address.size() == 16 && address.starts_with(prefix) ? address.substr(prefix.size()) : address;
}

}  // namespace

std::expected<AlternativeNames, std::string> read_alternative_names(std::string_view der) {
  if (auto strict = check_der(der); !strict)
    return std::unexpected("x509: invalid subject alternative names: " + strict.error());
  const unsigned char* at = octets(der);
  const GeneralNamesPtr list(d2i_GENERAL_NAMES(nullptr, &at, static_cast<long>(der.size())));
  if (!list) {
    ERR_clear_error();
    return std::unexpected("x509: invalid subject alternative names");
  }
  const auto count = static_cast<std::size_t>(sk_GENERAL_NAME_num(list.get()));
  if (count > max_alternative_names)
    return std::unexpected("x509: " + std::to_string(count) + " subject alternative names; at most " +
                           std::to_string(max_alternative_names) + " are allowed");
  AlternativeNames names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i)
    if (auto added = add(names, sk_GENERAL_NAME_value(list.get(), i)); !added)
      return std::unexpected(std::move(added.error()));
  return names;
}

GeneralNamesPtr general_names(const AlternativeNames& names) {
  GeneralNamesPtr list(require(GENERAL_NAMES_new(), "build general names"));
  for (const auto& name : names.dns) push(list.get(), GEN_DNS, ASN1_IA5STRING_new, name);
  for (const auto& name : names.email) push(list.get(), GEN_EMAIL, ASN1_IA5STRING_new, name);
  for (const auto& name : names.ip) push(list.get(), GEN_IPADD, ASN1_OCTET_STRING_new, unmapped(name));
  for (const auto& name : names.uri) push(list.get(), GEN_URI, ASN1_IA5STRING_new, name);
  return list;
}

AlternativeNames names_of_server(const std::vector<std::string>& texts) {
  AlternativeNames names;
  const auto add_once = [](auto& list, std::string value) {
    if (std::ranges::find(list, value) == list.end()) list.push_back(std::move(value));
  };
  for (const auto& text : texts) {
    engine::Bytes four(4, '\0'), sixteen(16, '\0');
    if (inet_pton(AF_INET, text.c_str(), four.data()) == 1) {
      add_once(names.ip, std::move(four));
    } else if (inet_pton(AF_INET6, text.c_str(), sixteen.data()) == 1) {
      add_once(names.ip, std::move(sixteen));
    } else if (!text.empty()) {
      add_once(names.dns, text);
    }
  }
  return names;
}

}  // namespace csrflow::signer
