// A job's row, and the job's state in it.
#pragma once

#include <SQLiteCpp/Statement.h>

#include "engine/job_source.hpp"

namespace csrflow::store {

constexpr auto job_columns =
    "name, planned_at, planned_time, plan, version, targets, phase, before_pause, stage, stage_since, "
    "paused_since, paused_by, pause_reason, seen_failed, accepted, ended, done, failed, missing";

/// Binds ?1 … ?19, in the order of `job_columns`. The state has a plan.
void bind_job(SQLite::Statement&, const std::string& name, const engine::JobState&);
/// Throws StoreError when the row is damaged.
engine::JobEntry job_in(const SQLite::Statement&);

}  // namespace csrflow::store
