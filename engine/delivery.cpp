#include "engine/delivery.hpp"

#include "engine/overloaded.hpp"
#include "engine/rotation.hpp"

namespace csrflow::engine {
namespace {

using Answer = std::expected<std::vector<DeliveryEvent>, Refusal>;

struct Decider {
  const DeliveryState& state;
  const Facts& facts;

  Answer operator()(const QueueDelivery& c) const {
    if (state.queued) return std::vector<DeliveryEvent>{};
    return std::vector<DeliveryEvent>{c};
  }
  Answer operator()(const RecordDelivered& c) const {
    if (!this_try(c.attempt)) return std::vector<DeliveryEvent>{};
    return std::vector<DeliveryEvent>{Delivered{c.attempt}};
  }
  Answer operator()(const RecordDeliveryFailed& c) const {
    if (!this_try(c.attempt)) return std::vector<DeliveryEvent>{};
    const bool dead = c.lasting || c.attempt >= state.queued->attempts;
    return std::vector<DeliveryEvent>{DeliveryFailed{c.attempt, c.message, dead}};
  }
  Answer operator()(const Redeliver&) const {
    if (!state.queued)
      return std::unexpected(
          Refusal{.kind = Refusal::Kind::not_found, .message = "there is no such notification"});
    if (!state.dead) return std::vector<DeliveryEvent>{};
    return std::vector<DeliveryEvent>{Requeued{facts.actor.user}};
  }

  bool this_try(std::uint32_t attempt) const { return state.waits() && attempt == state.attempts + 1; }
};

}  // namespace

Answer decide(const StreamId&, const DeliveryState& state, const DeliveryCommand& command,
              const Facts& facts) {
  return std::visit(Decider{state, facts}, command);
}

DeliveryState evolve(DeliveryState s, const DeliveryEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  const auto begin = [&] {
    s.cause = stamp.position;
    s.queued_time = stamp.recorded_at;
    s.attempts = 0;
    s.failed_at.reset();
    s.failure.clear();
    s.dead = false;
  };
  std::visit(overloaded{
                 [&](const Queued& e) {
                   s.queued = e;
                   begin();
                 },
                 [&](const Delivered& e) {
                   s.attempts = e.attempt;
                   s.delivered = true;
                 },
                 [&](const DeliveryFailed& e) {
                   s.attempts = e.attempt;
                   s.failed_at = stamp.recorded_at;
                   s.failure = e.message;
                   s.dead = e.dead;
                 },
                 [&](const Requeued&) { begin(); },
             },
             event);
  return s;
}

StreamId delivery_stream(std::string_view sink, Position cause) {
  return stream_of(stream_of("delivery", sink).text, std::to_string(cause.value));
}

std::optional<Timestamp> next_try(const StreamId& stream, const DeliveryState& state, HashFunction hash) {
  if (!state.waits()) return std::nullopt;
  if (!state.failed_at) return state.queued_time;
  return *state.failed_at +
         retry_wait(stream, state.attempts, hash, {.base = state.queued->base, .cap = state.queued->cap});
}

}  // namespace csrflow::engine
