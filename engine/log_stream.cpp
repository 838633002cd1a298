#include "engine/log_stream.hpp"

#include "engine/overloaded.hpp"

namespace csrflow::engine {

std::expected<std::vector<LogEvent>, Refusal> decide(const StreamId&, const LogState& state,
                                                     const LogCommand& command, const Facts& facts) {
  std::vector<LogEvent> events;
  std::visit(overloaded{
                 [&](const CreateLog& c) {
                   if (state.created) return;
                   LogCreated created = c;
                   created.time = facts.now;
                   events.push_back(std::move(created));
                 },
                 [&](const OpenLog& c) {
                   if (state.program != c.program || state.catalogue_hash != c.catalogue_hash)
                     events.push_back(c);
                 },
                 [&](const NoteResumed& c) { events.push_back(c); },
                 [&](const SummariseAlerts& c) { events.push_back(c); },
             },
             command);
  return events;
}

LogState evolve(LogState s, const LogEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  std::visit(overloaded{
                 [&](const LogCreated& e) { s.created = e; },
                 [&](const LogOpened& e) {
                   s.program = e.program;
                   s.catalogue_hash = e.catalogue_hash;
                 },
                 [](const Resumed&) {},
                 [](const AlertsSummarised&) {},
             },
             event);
  return s;
}

}  // namespace csrflow::engine
