// CSRs as rows of the views.
#pragma once

#include "engine/views.hpp"

namespace csrflow::api {

/// Pending, Approved or Denied, then `,Failed` and `,Issued`.
std::string condition_cell(const engine::CsrStatus&);
engine::ObjectRow csr_row(const engine::CsrObject&, engine::Position resource_version, std::string tail);

class CsrPresenter final : public engine::ObjectPresenter {
 public:
  std::optional<engine::ObjectRow> row(const engine::Record&) const override;
};

}  // namespace csrflow::api
