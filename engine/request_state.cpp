#include "engine/request_state.hpp"

namespace csrflow::engine {

std::string_view state_of(const CsrState& state) {
  if (!state.object) return "";
  const auto& status = state.object->status;
  if (!status.certificate.empty()) {
    const auto* certificate = state.certificate_of(state.object->meta.uid);
    return certificate && certificate->expired ? "expired" : "issued";
  }
  if (status.has(condition::denied)) return "denied";
  if (status.has(condition::failed)) return "failed";
  return status.has(condition::approved) ? "approved" : "pending";
}

}  // namespace csrflow::engine
