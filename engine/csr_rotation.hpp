// How a certificate comes to its successor: announcements, successors' approvals, what hosts report, and the
// alerts when it does not go as it should.
#pragma once

#include "engine/csr_approval.hpp"
#include "engine/rotation_order.hpp"

namespace csrflow::engine {

// ---- when ---------------------------------------------------------------------------------------

/// Is the order's first attempt still to come? Not while one is under way; again when another version of the
/// policy wants it otherwise, or may end what has failed.
bool begins_anew(const LedgerEntry&, const RotationOrder&);
/// After the failed last attempt.
Timestamp retry_due(const StreamId&, const LedgerEntry&, const RotationRules&, HashFunction);
/// When a window counts as missed.
Timestamp overdue_from(const RotationPlan&);
/// How long a host may take: 10 minutes, or that part of the lifetime.
Duration patience_with_agent(Duration lifetime, std::int64_t part);

// ---- decisions ----------------------------------------------------------------------------------

/// `rotation_due`, and by the mode the successor in the same transaction; or nothing when the state has moved
/// on. A rotation whose grace has ended is announced and given up.
Answer announce_rotation(const Situation&, const AnnounceRotation&);
Answer create_successor(const Situation&, const CreateSuccessor&);
/// A request of a person or a host that names its predecessor: links both, or refuses (already_replaced). A
/// request that names none, or one that never was, stays as it is.
std::expected<void, Refusal> link_to_predecessor(const Situation&, const Create&, Created&, Decision&);
/// Has the policies, or what is inherited, decide on a successor: the decision's first event is its
/// `created`.
void judge_successor(const Situation&, Decision&, const CsrState& after, RotationApproval);
/// How successors of this predecessor are approved.
RotationApproval approval_of_successors(const Situation&, const Predecessor&);

Answer claim_succession(const Situation&, const ClaimSuccession&);
Answer record_rotated(const Situation&, const RecordRotated&);
Answer record_rotation_failed(const Situation&, const RecordRotationFailed&);
Answer raise_alert(const Situation&, const RaiseAlert&);
Answer report_installation(const Situation&, const ReportInstallation&);

/// Does a rotation policy or the request itself say how the live request's certificate rotates, or does a
/// host look after it? Then clients are told when it was issued.
bool rotates(const CsrState&, const StandingRules*);

/// `<base>.<generation>`, then `<base>.<generation>-2` and so on: the first that is free. At most
/// `max_successor_name` bytes.
std::string successor_name(const std::string& base, std::uint32_t generation,
                           const std::function<bool(std::string_view)>& taken);
constexpr std::size_t max_successor_name = 253;

}  // namespace csrflow::engine
