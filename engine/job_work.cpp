#include "engine/job_work.hpp"

#include <array>

#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

constexpr std::array<std::string_view, 5> phase_words{"waiting", "begun", "failed", "done", "gone"};

CsrCommand rotate(std::string_view job, const JobState& state, const JobTarget& target,
                  std::uint32_t attempt) {
  return AnnounceRotation{.uid = target.uid,
                          .serial = target.serial,
                          .cause = state.planned_at,
                          .attempt = attempt,
                          .job = std::string(job),
                          .mode = rotation_mode(state.plan->mode),
                          .key_compromised = state.plan->reason == key_compromise_reason};
}

std::optional<TargetStep> rotation_step(const CsrEvent& event) {
  using Step = std::optional<TargetStep>;
  return std::visit(
      overloaded{
          [](const RotationDue& e) -> Step {
            return TargetStep{
                .uid = e.uid, .phase = TargetPhase::begun, .cause = e.cause, .attempt = e.attempt};
          },
          [](const RotationFailed& e) -> Step {
            return TargetStep{.uid = e.uid,
                              .phase = TargetPhase::failed,
                              .cause = e.cause,
                              .attempt = e.attempt,
                              .lasting = e.lasting};
          },
          [](const Rotated& e) -> Step { return TargetStep{.uid = e.uid, .phase = TargetPhase::done}; },
          [](const Deleted& e) -> Step { return TargetStep{.uid = e.uid, .phase = TargetPhase::gone}; },
          [](const auto&) -> Step { return std::nullopt; }},
      event);
}

constexpr std::array works{JobWork{.kind = JobKind::rotate, .begin = rotate, .step = rotation_step}};

}  // namespace

std::string_view name_of(TargetPhase phase) {
  return phase_words[static_cast<std::size_t>(phase)];
}

std::span<const JobWork> job_works() {
  return works;
}

const JobWork& work_of(JobKind kind) {
  return works[static_cast<std::size_t>(kind)];
}

}  // namespace csrflow::engine
