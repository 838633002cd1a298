// csrflow's own certificates, streams `own/server` and `own/admin`: issued and renewed through the log like
// everybody's, so that no use of the CA's key is outside history.
#pragma once

#include "engine/csr.hpp"

namespace csrflow::engine {

struct OwnIssuing {
  Draft draft;
};
struct OwnSigned {
  Serial serial;
  Timestamp issued_at, not_before, not_after;
  std::string fingerprint;
  Bytes certificate;  ///< PEM
};
struct OwnExpired {
  Serial serial;
};
struct OwnRotated {
  Serial serial, successor_serial;
};
using OwnEvent = std::variant<OwnIssuing, OwnSigned, OwnExpired, OwnRotated>;

struct OwnState {
  Version version;
  std::optional<Draft> issuing;
  Position issuing_at;
  Timestamp issuing_time;
  /// Every certificate not yet known as expired, oldest first; the last one is in use.
  struct Held {
    OwnSigned certificate;
    Position signed_at;
    bool rotated = false;
  };
  std::vector<Held> held;
};

/// Issue the first one, or the next when `replaces` is still the one in use.
struct IssueOwn {
  std::optional<Serial> replaces;
};
struct CompleteOwn {
  Serial serial;
  Bytes certificate;  ///< PEM
  std::string fingerprint;
};
struct ExpireOwn {
  Serial serial;
};
using OwnCommand = std::variant<IssueOwn, CompleteOwn, ExpireOwn>;

std::expected<std::vector<OwnEvent>, Refusal> decide(const StreamId&, const OwnState&, const OwnCommand&,
                                                     const Facts&);
OwnState evolve(OwnState, const OwnEvent&, const Stamp&);

}  // namespace csrflow::engine
