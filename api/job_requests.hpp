// Work over many certificates: /apis/csrflow.io/v1/jobs. It is csrflow's own, and in no discovery document.
//
//   POST jobs               makes one (job_body.hpp); `?dryRun=All` answers its plan and writes nothing.
//                           Besides `create` of `jobs` it needs `sign` or `approve` on the signers
//   GET  jobs, jobs/NAME    with how far they are
//   POST jobs/NAME/stop     {"spec":{"reason":…}}; nothing more begins
//   POST jobs/NAME/resume   {}; goes on, starts what is only planned, ends the wait between two stages
//   POST jobs/NAME/cancel   {"spec":{"reason":…}}; ends it for good
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

bool is_about_jobs(const Target&);
/// Authorisation (create, get, list of `jobs`; create of `jobs/stop` and so on) is done.
void job_request(const CallPtr&);

}  // namespace csrflow::api
