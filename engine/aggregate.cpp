// The dispatch over the kinds of streams: event.hpp's functions that are not about formats.
#include "engine/event.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

/// A command or event that belongs to another kind of stream: a broken invariant of this program.
[[noreturn]] void foreign(const StreamId& stream) {
  throw std::logic_error("stream " + stream.text + " does not take this kind of command or event");
}

/// Which events and commands a stream's state takes.
template <class S>
struct Of;
template <>
struct Of<CsrState> {
  using EventType = CsrEvent;
  using CommandType = CsrCommand;
};
template <>
struct Of<OwnState> {
  using EventType = OwnEvent;
  using CommandType = OwnCommand;
};
template <>
struct Of<AuthorityState> {
  using EventType = AuthorityEvent;
  using CommandType = AuthorityCommand;
};
template <>
struct Of<LogState> {
  using EventType = LogEvent;
  using CommandType = LogCommand;
};

template <>
struct Of<ConfigState> {
  using EventType = ConfigEvent;
  using CommandType = ConfigCommand;
};

template <>
struct Of<TokenState> {
  using EventType = TokenEvent;
  using CommandType = TokenCommand;
};

template <>
struct Of<DeliveryState> {
  using EventType = DeliveryEvent;
  using CommandType = DeliveryCommand;
};

template <>
struct Of<JobState> {
  using EventType = JobEvent;
  using CommandType = JobCommand;
};

template <class Events>
void widen(AnyDecision& decision, Events events) {
  for (auto& event : events) decision.events.emplace_back(std::move(event));
}

void take(AnyDecision& decision, Decision&& made) {
  widen(decision, std::move(made.events));
  decision.follow_ups = std::move(made.follow_ups);
}
template <class E>
void take(AnyDecision& decision, std::vector<E>&& events) {
  widen(decision, std::move(events));
}

}  // namespace

State initial_state(const StreamId& stream) {
  std::string_view category = stream.category();
  if (category == "csr") return CsrState{};
  if (category == "own") return OwnState{};
  if (category == "ca") return AuthorityState{};
  if (category == "log") return LogState{};
  if (category == "token") return TokenState{};
  if (category == "delivery") return DeliveryState{};
  if (category == "job") return JobState{};
  if (holds_config(category)) return ConfigState{};
  throw UnreadableEvent("stream " + stream.text +
                        " is of a kind that this program does not know: use a newer csrflow");
}

State evolve(State state, const Event& event, const Stamp& stamp) {
  return std::visit(
      [&]<class S>(S&& s) -> State {
        const auto* own = std::get_if<typename Of<S>::EventType>(&event);
        if (!own) foreign(stamp.stream);
        return evolve(std::forward<S>(s), *own, stamp);
      },
      std::move(state));
}

Version version_of(const State& state) {
  return std::visit([](const auto& s) { return s.version; }, state);
}

std::expected<AnyDecision, Refusal> decide(const StreamId& stream, const State& state, const Command& command,
                                           const Facts& facts) {
  return std::visit(
      [&]<class S>(const S& s) -> std::expected<AnyDecision, Refusal> {
        const auto* own = std::get_if<typename Of<S>::CommandType>(&command);
        if (!own) foreign(stream);
        auto made = decide(stream, s, *own, facts);
        if (!made) return std::unexpected(std::move(made.error()));
        AnyDecision decision;
        take(decision, std::move(*made));
        return decision;
      },
      state);
}

}  // namespace csrflow::engine
