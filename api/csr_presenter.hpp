// CSRs as rows of the views.
#pragma once

#include "engine/views.hpp"

namespace csrflow::api {

/// Pending, Approved or Denied, then `,Failed` and `,Issued`. While several must approve `Pending (1/2)`: one
/// has spoken, two are needed.
std::string condition_cell(const engine::CsrStatus&, engine::Places);
/// Of a state with a live object.
engine::ObjectRow csr_row(const engine::CsrState&, engine::Position resource_version, std::string tail);

/// Length of `"metadata":{…}` at the beginning of a tail.
std::size_t metadata_length(std::string_view tail);

}  // namespace csrflow::api
