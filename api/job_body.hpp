// What is sent to make a job:
//
//   {"apiVersion":"csrflow.io/v1","kind":"Job","metadata":{"name":"web-keys"},
//    "spec":{"kind":"rotate","signerName":"example.com/web",
//            "all":true | "labels":{"matchLabels":{"tier":"web"}} | "names":["web-1"],
//            "reason":"key-compromise","within":"24h" | "deadline":"2026-03-03T09:00:00Z",
//            "mode":"renew|rekey","pause":"10m","start":true,"setHash":…}}
//
// Without a name the job gets one. `mode` is rekey for the reason key-compromise, else renew. `setHash` is
// that of a plan that was agreed to.
#pragma once

#include "api/call.hpp"
#include "engine/job_desk.hpp"

namespace csrflow::api {

/// Nothing: the call was refused (400, 415, 422).
std::optional<engine::JobWish> read_job(const CallPtr&, engine::Timestamp now);

/// The `reason` of such a document, whose other members do not matter. Nothing: the call was refused.
std::optional<std::string> read_reason(const CallPtr&);

/// Lower-case letters, digits, `-` and `.`, as names of objects are.
bool is_job_name(std::string_view);

}  // namespace csrflow::api
