#include "engine/own.hpp"

#include <algorithm>

#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

using Answer = std::expected<std::vector<OwnEvent>, Refusal>;

OwnCertificate which(const StreamId& stream) {
  return stream.name() == "admin" ? OwnCertificate::admin : OwnCertificate::server;
}

Answer begin(const StreamId& stream, const OwnState& state, const IssueOwn& c, const Facts& facts) {
  std::optional<Serial> in_use;
  if (!state.held.empty()) in_use = state.held.back().certificate.serial;
  if (state.issuing || in_use != c.replaces) return std::vector<OwnEvent>{};
  if (auto wrong = clock_forbids(facts)) return std::unexpected(std::move(*wrong));
  Drafted drafted = facts.issuer.draft_own(which(stream), facts.now, std::span(facts.random).first<16>());
  auto refuse = [](std::string message) -> Answer {
    return std::unexpected(Refusal{.kind = Refusal::Kind::unavailable, .message = std::move(message)});
  };
  return std::visit(
      overloaded{
          [](Draft& draft) -> Answer { return std::vector<OwnEvent>{OwnIssuing{std::move(draft)}}; },
          [&](Unfit& unfit) -> Answer { return refuse(std::move(unfit.message)); },
          [&](NotNow& later) -> Answer { return refuse(std::move(later.message)); },
      },
      drafted);
}

Answer complete(const OwnState& state, const CompleteOwn& c) {
  std::vector<OwnEvent> events;
  if (!state.issuing || state.issuing->serial != c.serial) return events;
  const Draft& draft = *state.issuing;
  events.push_back(OwnSigned{draft.serial, draft.clock.cut_to_seconds(), draft.not_before, draft.not_after,
                             c.fingerprint, c.certificate});
  if (!state.held.empty() && !state.held.back().rotated)
    events.push_back(OwnRotated{state.held.back().certificate.serial, c.serial});
  return events;
}

}  // namespace

Answer decide(const StreamId& stream, const OwnState& state, const OwnCommand& command, const Facts& facts) {
  return std::visit(
      overloaded{
          [&](const IssueOwn& c) { return begin(stream, state, c, facts); },
          [&](const CompleteOwn& c) { return complete(state, c); },
          [&](const ExpireOwn& c) -> Answer {
            auto held =
                std::ranges::find(state.held, c.serial, [](const auto& h) { return h.certificate.serial; });
            if (held == state.held.end() || facts.now < held->certificate.not_after + seconds(1))
              return std::vector<OwnEvent>{};
            return std::vector<OwnEvent>{OwnExpired{c.serial}};
          },
      },
      command);
}

OwnState evolve(OwnState s, const OwnEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  std::visit(overloaded{
                 [&](const OwnIssuing& e) {
                   s.issuing = e.draft;
                   s.issuing_at = stamp.position;
                   s.issuing_time = stamp.recorded_at;
                 },
                 [&](const OwnSigned& e) {
                   s.issuing.reset();
                   s.held.push_back({e, stamp.position});
                 },
                 [&](const OwnExpired& e) {
                   std::erase_if(s.held, [&](const auto& h) { return h.certificate.serial == e.serial; });
                 },
                 [&](const OwnRotated& e) {
                   for (auto& h : s.held)
                     if (h.certificate.serial == e.serial) h.rotated = true;
                 },
             },
             event);
  return s;
}

}  // namespace csrflow::engine
