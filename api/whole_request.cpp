#include "api/whole_request.hpp"

#include "engine/streams.hpp"

namespace csrflow::api {
namespace {

std::shared_ptr<const engine::CsrState> as_request(const std::shared_ptr<const engine::State>& state) {
  const auto* request = std::get_if<engine::CsrState>(state.get());
  if (!request || request->version.value == 0) return nullptr;
  return {state, request};
}

}  // namespace

void with_whole_request(const CallPtr& call, const std::string& name,
                        std::move_only_function<void(std::shared_ptr<const engine::CsrState>)> go_on) {
  const auto stream = engine::csr_stream(name);
  if (const auto recent = call->core.deps.followers.recent.find(stream))
    return go_on(as_request(recent->state));
  on_worker(call, [call, stream, go_on = std::move(go_on)]() mutable {
    const auto events = call->core.deps.log.reader()->stream(stream);
    go_on(as_request(std::make_shared<const engine::State>(engine::fold(stream, events))));
  });
}

const engine::LedgerEntry* live_certificate(const engine::CsrState& state) {
  return state.object ? state.certificate_of(state.object->meta.uid) : nullptr;
}

bool presents(const engine::Identity& caller, const engine::LedgerEntry& held) {
  return caller.by == engine::Authentication::x509 && !caller.impersonator && !held.fingerprint.empty() &&
         caller.credential == "sha256:" + held.fingerprint;
}

}  // namespace csrflow::api
