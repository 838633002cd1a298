// Jobs and plans as the API shows them.
#pragma once

#include "engine/job_desk.hpp"

namespace csrflow::api {

/// The members of a job after kind and apiVersion, and its closing brace. One progress for each stage; of
/// none the recorded totals are shown.
std::string job_members(const engine::JobEntry&, const std::vector<engine::StageProgress>&);
/// A whole Job that is only planned: its `status` is the plan.
std::string plan_json(const engine::JobWish&, const engine::JobProposal&);

constexpr std::string_view job_head = R"({"kind":"Job","apiVersion":"csrflow.io/v1",)";

}  // namespace csrflow::api
