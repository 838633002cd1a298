#include "engine/authority.hpp"

#include "engine/authority_schedule.hpp"
#include "engine/overloaded.hpp"
#include "engine/rotation_order.hpp"

namespace csrflow::engine {
namespace {

constexpr std::string_view step_words[] = {"prepare", "activate", "stop"};

std::string message_of(RolloverStep step, const CaIssued& ca) {
  const std::string end = "The CA ends " + rfc3339_seconds(ca.not_after) + ": ";
  switch (step) {
    case RolloverStep::prepare:
      return end + "it is time to make the next one and to publish it to clients.";
    case RolloverStep::activate:
      return end + "the next one should sign from now on.";
    case RolloverStep::stop:
      break;
  }
  return end + "certificates of full length no longer fit into its validity.";
}

}  // namespace

std::string_view name_of(RolloverStep step) {
  return step_words[static_cast<std::size_t>(step)];
}

std::expected<RolloverStep, std::string> rollover_step_of(std::string_view name) {
  for (const RolloverStep step : {RolloverStep::prepare, RolloverStep::activate, RolloverStep::stop})
    if (name_of(step) == name) return step;
  return std::unexpected("no step of a roll-over is called " + std::string(name));
}

std::optional<Timestamp> rollover_due(const AuthorityState& state, RolloverStep step,
                                      Duration longest_lifetime) {
  if (!state.issued || state.due.contains(step)) return std::nullopt;
  const AuthoritySchedule schedule = authority_schedule({.not_before = state.issued->not_before,
                                                         .not_after = state.issued->not_after,
                                                         .longest_leaf = longest_lifetime});
  switch (step) {
    case RolloverStep::prepare:
      return schedule.prepare;
    case RolloverStep::activate:
      return schedule.activate;
    case RolloverStep::stop:
      break;
  }
  return schedule.stop;
}

std::expected<std::vector<AuthorityEvent>, Refusal> decide(const StreamId&, const AuthorityState& state,
                                                           const AuthorityCommand& command,
                                                           const Facts& facts) {
  std::vector<AuthorityEvent> events;
  std::visit(overloaded{
                 [&](const RecordKey& c) {
                   if (!state.key) events.push_back(c);
                 },
                 [&](const RecordCa& c) {
                   if (state.key && !state.issued) events.push_back(c);
                 },
                 [&](const AnnounceRollover& c) {
                   if (!facts.rules) return;
                   const auto due = rollover_due(state, c.step, facts.rules->longest_lifetime());
                   if (due && facts.now >= *due)
                     events.push_back(RolloverDue{c.step, *due, message_of(c.step, *state.issued)});
                 },
             },
             command);
  return events;
}

AuthorityState evolve(AuthorityState s, const AuthorityEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  std::visit(overloaded{
                 [&](const KeyCreated& e) { s.key = e; },
                 [&](const CaIssued& e) {
                   s.issued = e;
                   s.issued_at = stamp.position;
                 },
                 [&](const RolloverDue& e) { s.due.insert(e.step); },
             },
             event);
  return s;
}

}  // namespace csrflow::engine
