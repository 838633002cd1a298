// A request as a signer of csrflow's own reads it.
#pragma once

#include "engine/field_description.hpp"
#include "engine/object.hpp"
#include "signer/request_parts.hpp"

namespace csrflow::signer {

struct OwnRequest {
  CertificationRequest request;
  RequestParts parts;
  AlternativeNames names;  ///< canonical, each once
};

/// A problem for each name that has no canonical form. Does not verify the signature. Total.
std::expected<OwnRequest, engine::FieldProblems> read_own_request(const engine::CsrSpec&);

constexpr std::string_view request_path = "spec.request";

}  // namespace csrflow::signer
