#include "engine/authority.hpp"

#include "engine/overloaded.hpp"

namespace csrflow::engine {

std::expected<std::vector<AuthorityEvent>, Refusal> decide(const StreamId&, const AuthorityState& state,
                                                           const AuthorityCommand& command, const Facts&) {
  std::vector<AuthorityEvent> events;
  std::visit(overloaded{
                 [&](const RecordKey& c) {
                   if (!state.key) events.push_back(c);
                 },
                 [&](const RecordCa& c) {
                   if (state.key && !state.issued) events.push_back(c);
                 },
             },
             command);
  return events;
}

AuthorityState evolve(AuthorityState s, const AuthorityEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  std::visit(overloaded{
                 [&](const KeyCreated& e) { s.key = e; },
                 [&](const CaIssued& e) { s.issued = e; },
             },
             event);
  return s;
}

}  // namespace csrflow::engine
