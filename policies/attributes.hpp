// The subject attributes and extensions that have names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policies/policy.hpp"

namespace csrflow::policies {

std::optional<AttributeKind> attribute_kind(std::string_view oid);
std::string_view attribute_oid(AttributeKind);
std::string_view attribute_field(AttributeKind);  ///< `organizations`
std::string_view attribute_word(AttributeKind);   ///< `organization`
/// `O`, or the OID when it has no short name.
std::string attribute_short_name(std::string_view oid);

/// `2.5.29.37`; nothing when the name is unknown. A dotted OID stands for itself.
std::optional<std::string> extension_oid(std::string_view name);
/// May always be requested: subjectAltName, keyUsage, extendedKeyUsage, subjectKeyIdentifier, and
/// basicConstraints, which says CA:TRUE apart.
bool always_allowed_extension(std::string_view oid, bool requests_ca);

bool is_oid(std::string_view text);

}  // namespace csrflow::policies
