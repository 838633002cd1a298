// How a request comes to its decision: the policies' rulings, people's words, and what overrides both.
#pragma once

#include "engine/consequences.hpp"

namespace csrflow::engine {

using Answer = std::expected<Decision, Refusal>;

/// What the policies say of `state`, which may be one that is only being decided.
Ruling ruling_on(const Situation&, const CsrState& state, std::span<const Word> words);
/// Has the policies' ruling recorded as the next thing in the same transaction.
void follow_ruling(Decision&, const StreamId&, const Uid&, Ruling);

/// Has the change set the labels that an approval brings with it.
void add_labels(ObjectChange&, const CsrState&, const Obligations&);

/// A person's or the approver's write in which Approved or Denied appears: `after` is the object as they want
/// it, `change` what differs.
Answer decide_by_write(const Situation&, const CsrObject& after, ObjectChange change);

Answer lapse(const Situation&, const Lapse&);
Answer evaluate(const Situation&, const Evaluate&);
Answer record_ruling(const Situation&, const RecordRuling&);
Answer withdraw(const Situation&, const Withdraw&);
Answer break_glass(const Situation&, const BreakGlassApproval&);
Answer confirm_break_glass(const Situation&, const ConfirmBreakGlass&);

}  // namespace csrflow::engine
