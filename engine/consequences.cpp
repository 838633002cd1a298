#include "engine/consequences.hpp"

namespace csrflow::engine {

CsrState Situation::folded(CsrState before, const CsrEvent& event, std::uint64_t n) const {
  return evolve(std::move(before), event,
                {.position = {},
                 .stream = stream,
                 .version = {state.version.value + n},
                 .recorded_at = facts.now,
                 .correlation = {}});
}

CsrState Situation::folded(const CsrEvent& event) const {
  return folded(state, event, 1);
}

void Situation::sign_next(Decision& d, const CsrState& after) const {
  if (awaits_signature(after))
    d.follow_ups.push_back({stream, BeginIssue{after.object->meta.uid}, system_actor("signer"), false});
}

void Situation::tell_predecessor_of_failure(Decision& d, const Uid& uid, std::string reason,
                                            std::string message, bool lasting) const {
  if (!state.predecessor || state.predecessor->claim || !state.live(uid) || state.certificate_of(uid) ||
      state.open_issue_of(uid))
    return;
  const Predecessor& p = *state.predecessor;
  d.follow_ups.push_back({csr_stream(p.name),
                          RecordRotationFailed{p.uid, p.serial, p.cause, p.attempt, stream.name(),
                                               std::move(reason), std::move(message), lasting},
                          system_actor("rotation")});
}

void Situation::tell_predecessor_of_success(Decision& d, const std::optional<Predecessor>& p,
                                            const Signed& made) const {
  if (!p) return;
  // Whoever only says that it follows is believed when a person has said so, too.
  if (p->claim && (!state.live(made.uid) || state.approved_by_people.empty())) return;
  d.follow_ups.push_back({csr_stream(p->name),
                          RecordRotated{p->uid, p->serial, stream.name(), made.uid, made.serial},
                          system_actor("rotation")});
}

}  // namespace csrflow::engine
