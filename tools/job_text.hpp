// Plans and jobs, as the server answers them, in words and pictures.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace csrflow::tools {

/// Counts, stages, load over time, what binds and what is hindered.
std::string plan_text(const nlohmann::json& job);
/// A job with its stages.
std::string job_text(const nlohmann::json& job);
/// `rotate-…: 12 of 50 done, 1 failed`.
std::string progress_line(const nlohmann::json& job);
/// Of all: a table.
std::string jobs_table(const nlohmann::json& list);

}  // namespace csrflow::tools
