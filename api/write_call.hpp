// What all writing verbs have in common: reading the body, and turning an outcome into an answer.
#pragma once

#include "api/body.hpp"
#include "api/handlers.hpp"
#include "api/kind.hpp"
#include "api/managed_fields.hpp"

namespace csrflow::api {

/// Accept, then Content-Type, then size, as kube-apiserver; the body's format, or nothing when the call was
/// refused.
std::optional<Format> read_body_format(const CallPtr&);
/// Each alone, for bodies whose type the verb judges itself.
bool negotiate_write(const CallPtr&);
std::optional<Format> sent_format(const CallPtr&);
bool body_fits(const CallPtr&);

/// The write that the call is, for whom manages which fields.
FieldWrite field_write(const Call&);

/// Creates what server-side apply found missing, if the user may create. `when_taken` runs when somebody else
/// was quicker. `sent` gives its content away.
void create_applied(const CallPtr&, SentObject& sent, const WriteOptions&, std::function<void()> when_taken);

/// Goes on, on a worker when there is advice to ask for first: it becomes Warning headers.
void with_advice(const CallPtr&, const Advice&, bool dry_run, std::move_only_function<void()> go_on);

/// Adds what decoding noticed to the answer's Warning headers.
void warn(Call&, const std::vector<std::string>& warnings);

/// Sends a command. `done` runs on the writer's thread when there is little to do, else on a worker; it never
/// runs on both. `with`: another stream's command that belongs to it.
void submit(const CallPtr&, const engine::StreamId&, engine::Command, bool dry_run, Admission,
            std::move_only_function<void(std::expected<engine::Outcome, engine::Refusal>)> done,
            std::optional<engine::Companion> with = {});

/// 201 or 200 with the live object of a state, under `version` (0: without one), in the negotiated form.
void answer_with_object(const CallPtr&, int code, const engine::State&, engine::Position version);
/// The same for the object as a record left it, or under the version that it has.
void answer_with_record(const CallPtr&, int code, const engine::Record&);
void answer_with_state(const CallPtr&, int code, const engine::State&);

}  // namespace csrflow::api
