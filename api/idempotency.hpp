// A creation that comes twice: whoever sends `Idempotency-Key` may send the same request again and gets the
// answer of the first one. The log itself remembers: an event's context names its command.
#pragma once

#include "api/call.hpp"
#include "engine/record.hpp"

namespace csrflow::api {

constexpr std::size_t longest_idempotency_key = 255;

/// SHA-256(user ‖ method ‖ path ‖ key)[:8] ‖ SHA-256(body)[:8], each part behind its length: the first half
/// is the key's, the second tells bodies apart.
engine::CommandId keyed_command(const std::string& user, const Request&, std::string_view key);

/// Does the call carry a key?
bool has_idempotency_key(const Call&);
/// 400 for a key that is too long.
std::expected<void, Status> check_idempotency_key(const Call&);

/// 16 bytes for the name that the server makes at the `attempt`-th time: the same for the same key, so that a
/// repetition finds what the first one made.
std::array<std::uint8_t, 16> keyed_name_bytes(const engine::CommandId&, int attempt);

/// The event that the same command led to before, in the stream of the object that it creates; null when
/// there is none. 422 when the key came with another body. Reads the log: on a worker.
std::expected<std::shared_ptr<const engine::Record>, Status> first_outcome(const Call&,
                                                                           const engine::StreamId&);

}  // namespace csrflow::api
