// The log's events about itself: stream `log/events`. Position 1 is its `created`.
#pragma once

#include <variant>

#include "engine/csr.hpp"

namespace csrflow::engine {

struct LogCreated {
  std::uint32_t format = 1;
  std::string hash = "sha256";
  std::string origin;   ///< `csrflow.local/<32 random hex>`, or as the operator says
  std::string log_key;  ///< C2SP vkey of the key that signs checkpoints
  Timestamp time;
};
/// A program version began to use the log.
struct LogOpened {
  std::string program;         ///< `csrflow 0.1.0`
  std::string catalogue_hash;  ///< SHA-256 of the catalogue of events, lower-case hex
};
/// The scheduler went on after it had been away, or after the clock had jumped.
struct Resumed {
  Timestamp last_seen;  ///< of its last look before, or of the last event
  Timestamp at;
  std::string why;  ///< `start`, `clock`
  StringMap due;    ///< kind of timer → how many were due
};
/// So many alerts of one kind at once that they are told of together.
struct AlertsSummarised {
  Notable alert{};
  std::uint32_t count = 0;
  Timestamp nearest_end;              ///< of the certificates' validity
  std::vector<std::string> examples;  ///< streams
  std::string message;
};
using LogEvent = std::variant<LogCreated, LogOpened, Resumed, AlertsSummarised>;

struct LogState {
  Version version;
  std::optional<LogCreated> created;
  std::string program;
  std::string catalogue_hash;
};

using CreateLog = LogCreated;
using OpenLog = LogOpened;
using NoteResumed = Resumed;
using SummariseAlerts = AlertsSummarised;
using LogCommand = std::variant<CreateLog, OpenLog, NoteResumed, SummariseAlerts>;

std::expected<std::vector<LogEvent>, Refusal> decide(const StreamId&, const LogState&, const LogCommand&,
                                                     const Facts&);
LogState evolve(LogState, const LogEvent&, const Stamp&);

}  // namespace csrflow::engine
