// Watching a job until it ends, pauses, or somebody presses Ctrl-C.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tools/server_call.hpp"

namespace csrflow::tools {

/// The path of a job, or of its `word`.
std::string job_path(const std::string& name, const std::string& word = {});

/// Answers the job as it was last. Throws Failure.
nlohmann::json watch_job(const ServerAccess&, const std::string& name);

/// How a command ends that has seen the job so: an unfinished or incomplete one is a Failure with what to do.
void judge_watched(const nlohmann::json& job);

}  // namespace csrflow::tools
