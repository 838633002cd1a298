// What documents about certificates match: the facts of the request that a certificate is for.
#pragma once

#include "engine/csr.hpp"
#include "engine/request_description.hpp"
#include "policies/certificate_match.hpp"

namespace csrflow::policies {

Requester requester_of(const engine::CsrState&);
NameKind name_kind(std::string_view kind);                        ///< of RequestDescription::Name
void add_description(Facts&, const engine::RequestDescription&);  ///< subject and names

/// Of the live object. With `reader` the request itself is read, too; one that cannot be read has no names
/// and no subject.
Facts certificate_facts(const engine::CsrState&, const engine::RequestReader* reader);

}  // namespace csrflow::policies
