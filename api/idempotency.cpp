#include "api/idempotency.hpp"

#include "api/openssl_handles.hpp"
#include "engine/streams.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view header_field = "Idempotency-Key";
constexpr std::size_t half = 8;  // bytes

std::string with_length(std::string_view text) {
  return std::to_string(text.size()) + ':' + std::string(text);
}

std::string_view key_half(const engine::CommandId& id) {
  return std::string_view(id.hex).substr(0, 2 * half);
}

Status other_body(const Call& call, const std::string& name) {
  Status status{422, "Invalid",
                "the Idempotency-Key of this request was used before, with another body, to create " +
                    call.resource_name().text() + ' ' + go_quote(name) +
                    ": send that body again, or another key",
                StatusDetails{}};
  status.details->name = name;
  status.details->group = call.target.group;
  status.details->kind = call.target.resource;
  return status;
}

/// Folds the stream up to the event, which is there.
std::shared_ptr<const engine::Record> record_of(const engine::StreamId& stream,
                                                std::span<const engine::StoredEvent> events,
                                                std::size_t which) {
  const auto before = std::make_shared<const engine::State>(engine::fold(stream, events.first(which)));
  const auto& stored = events[which];
  auto context = std::make_shared<const engine::Context>(engine::decode_context(stored.context));
  engine::Stamp stamp{.position = stored.position,
                      .stream = stream,
                      .version = stored.version,
                      .recorded_at = stored.recorded_at,
                      .correlation = context->correlation};
  return std::make_shared<const engine::Record>(
      engine::make_record(std::move(stamp), std::move(context), engine::decode(stored), before));
}

}  // namespace

engine::CommandId keyed_command(const std::string& user, const Request& request, std::string_view key) {
  const auto of_key =
      sha256(with_length(user) + with_length(request.method) + with_length(request.path) + with_length(key));
  const auto of_body = sha256(request.body);
  std::string id;
  for (const auto& digest : {of_key, of_body}) id.append(reinterpret_cast<const char*>(digest.data()), half);
  return {engine::to_hex(id)};
}

bool has_idempotency_key(const Call& call) {
  return !call.request().headers.get(header_field).empty();
}

std::expected<void, Status> check_idempotency_key(const Call& call) {
  if (call.request().headers.get(header_field).size() <= longest_idempotency_key) return {};
  return std::unexpected(status::bad_request("Idempotency-Key: must be no more than " +
                                             std::to_string(longest_idempotency_key) + " bytes"));
}

std::array<std::uint8_t, 16> keyed_name_bytes(const engine::CommandId& id, int attempt) {
  const auto digest = sha256(std::string(key_half(id)) + ' ' + std::to_string(attempt));
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return bytes;
}

std::expected<std::shared_ptr<const engine::Record>, Status> first_outcome(const Call& call,
                                                                           const engine::StreamId& stream) {
  const auto wanted = context_of(call).command;
  const auto events = call.core.deps.log.reader()->stream(stream);
  bool key_was_used = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].context.empty()) continue;  // erased
    const auto command = engine::decode_context(events[i].context).command;
    if (command == wanted) return record_of(stream, events, i);
    key_was_used = key_was_used || key_half(command) == key_half(wanted);
  }
  if (key_was_used) return std::unexpected(other_body(call, stream.name()));
  return nullptr;
}

}  // namespace csrflow::api
