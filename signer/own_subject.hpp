// The subject of certificates of own signers (RFC 5280 4.1.2.4, appendix A.1).
#pragma once

#include "engine/field_description.hpp"
#include "signer/request_parts.hpp"

namespace csrflow::signer {

constexpr std::size_t max_subject_attributes = 30, max_oid_bytes = 64;

/// What is wrong with the requested subject: strings that are not what their type says or hold what nobody
/// can read, too long values, a country that is none. In sentences without their full stop.
std::vector<std::string> subject_faults(const std::vector<RequestParts::Attribute>&);

/// The first attribute that no certificate gets, as `1.2.3.4`; empty: none.
std::string foreign_attribute(const std::vector<RequestParts::Attribute>&);

/// DER of the Name: the request's attributes in their order, each a relative name of its own, in normal form
/// C, with the string type that RFC 5280 wants of each. For a subject without faults and foreign attributes.
engine::Bytes encode_own_subject(const std::vector<RequestParts::Attribute>&);

}  // namespace csrflow::signer
