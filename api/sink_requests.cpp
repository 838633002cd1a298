#include "api/sink_requests.hpp"

#include <charconv>

#include "api/write_call.hpp"
#include "engine/delivery.hpp"

namespace csrflow::api {
namespace {

const GroupName notifications{"csrflow.io", "notifications"};

std::optional<engine::Position> position_of(const Query& query) {
  const std::string text = query.first("position").value_or("");
  engine::Position position;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position.value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return position;
}

void succeed(const CallPtr& call, std::string message) {
  call->send_status({.code = 200, .message = std::move(message), .success = true}, 200);
}

std::string what_became_of(const engine::Outcome& outcome) {
  if (!outcome.records.empty()) return "is sent again";
  const auto& state = std::get<engine::DeliveryState>(*outcome.state);
  return state.delivered ? "has been delivered and is not sent again" : "waits for its next try already";
}

void retry(const CallPtr& call) {
  const auto position = position_of(call->query);
  if (!position)
    return call->fail(status::bad_request("position must be that of the notification: 4711 of ops/4711"));
  const std::string id = call->target.name + '/' + std::to_string(position->value);
  submit(call, engine::delivery_stream(call->target.name, *position),
         engine::Command(engine::DeliveryCommand(engine::Redeliver{})), false, nullptr,
         [call, id](std::expected<engine::Outcome, engine::Refusal> outcome) {
           using Kind = engine::Refusal::Kind;
           if (outcome) return succeed(call, "notification " + id + ' ' + what_became_of(*outcome));
           const auto kind = outcome.error().kind;
           if (kind == Kind::not_found || kind == Kind::name_too_long)
             return call->fail(status::not_found(notifications, id));
           call->fail(refused(*call, outcome.error()));
         });
}

engine::Notification test_of(const std::string& sink, const std::string& user, engine::Timestamp now) {
  return {
      .id = sink + "/test-" + std::to_string(now.microseconds),
      .kind = engine::Notable::agent_back,
      .at = now,
      .position = {},
      .stream = engine::stream_of("notificationsinks", sink).text,
      .title = "Test of the sink " + sink,
      .text = user + " asked csrflow to send this test. Nothing has happened, and nothing is to be done."};
}

void try_out(const CallPtr& call) {
  const auto& deps = call->core.deps;
  const std::string& sink = call->target.name;
  deps.try_sink(
      sink, test_of(sink, call->user().user, deps.clock.now()),
      [call, sink](std::expected<void, std::string> taken) {
        if (taken) return succeed(call, "the sink " + sink + " has taken a test");
        call->fail({.code = 502, .reason = {}, .message = "the test was not taken: " + taken.error()});
      });
}

}  // namespace

bool is_about_sinks(const Target& target) {
  return target.is_resource && target.group == "csrflow.io" && target.version == "v1" &&
         target.resource == "notificationsinks" && target.namespace_name.empty() &&
         (target.subresource == "retry" || target.subresource == "test");
}

void sink_request(const CallPtr& call) {
  if (call->target.malformed || !call->target.named || !call->core.deps.try_sink)
    return call->fail(status::no_such_resource());
  if (call->target.verb != "create") return call->fail(status::method_not_allowed());
  if (!negotiate_write(call)) return;
  if (call->target.subresource == "retry") return retry(call);
  try_out(call);
}

}  // namespace csrflow::api
