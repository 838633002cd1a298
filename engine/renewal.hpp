// The mode `renew` of a rotation: csrflow itself creates and approves the successor, over the same key and
// request.
#pragma once

#include "engine/csr.hpp"

namespace csrflow::engine {

/// `rotation_due` and, in the same transaction, the successor; or nothing when the state has moved on. A
/// rotation whose grace has ended is announced and given up.
std::expected<Decision, Refusal> announce_rotation(const StreamId&, const CsrState&, const AnnounceRotation&,
                                                   const Facts&);

/// The approval that a successor is born with.
Approved renewal_approval(const Created& successor, Timestamp now);

/// `<base>.<generation>`, then `<base>.<generation>-2` and so on: the first that is free. At most
/// `max_successor_name` bytes.
std::string successor_name(const std::string& base, std::uint32_t generation,
                           const std::function<bool(std::string_view)>& taken);
constexpr std::size_t max_successor_name = 253;

/// Until when an expired certificate is still renewed: notAfter + min(lifetime, 7 days).
Timestamp end_of_grace(const LedgerEntry&);

}  // namespace csrflow::engine
