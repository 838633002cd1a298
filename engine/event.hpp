// Every event that csrflow knows, its stored form, and the dispatch over the kinds of streams. The catalogue
// (docs/events.md) gives each type's members. An event that this program does not know stops it.
#pragma once

#include <stdexcept>

#include "engine/authority.hpp"
#include "engine/config.hpp"
#include "engine/csr.hpp"
#include "engine/delivery.hpp"
#include "engine/job.hpp"
#include "engine/log_stream.hpp"
#include "engine/own.hpp"
#include "engine/token.hpp"

namespace csrflow::engine {

using Event = std::variant<CsrEvent, OwnEvent, AuthorityEvent, LogEvent, ConfigEvent, TokenEvent,
                           DeliveryEvent, JobEvent>;
using State = std::variant<CsrState, OwnState, AuthorityState, LogState, ConfigState, TokenState,
                           DeliveryState, JobState>;
using Command = std::variant<CsrCommand, OwnCommand, AuthorityCommand, LogCommand, ConfigCommand,
                             TokenCommand, DeliveryCommand, JobCommand>;

/// One row of the log, as stored. `context` and `data` are JSON bytes; both and `salt` are empty once erased.
struct StoredEvent {
  Position position;
  StreamId stream;
  Version version;
  std::string type;
  std::uint32_t schema = 1;
  Timestamp recorded_at;
  Bytes context, data, salt;
  Sha256 context_hash{}, data_hash{};
};

/// The log holds something that this program cannot read: a newer format, or damage. Says which and where.
struct UnreadableEvent : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `approved`: the column `type`.
std::string_view type_of(const Event&);
/// JSON for the column `data`; every event is at schema 1.
Bytes encode(const Event&);
/// Throws UnreadableEvent.
Event decode(const StoredEvent&);

/// The state of a stream before any event, by its category. Throws UnreadableEvent for an unknown one.
State initial_state(const StreamId&);
State evolve(State, const Event&, const Stamp&);
Version version_of(const State&);

/// Decides for whichever stream it is; CSR follow-ups are in the decision.
struct AnyDecision {
  std::vector<Event> events;
  std::vector<FollowUp> follow_ups;
};
std::expected<AnyDecision, Refusal> decide(const StreamId&, const State&, const Command&, const Facts&);

}  // namespace csrflow::engine
