// What a job does to each of its certificates, by its kind, and which events of the certificate's own stream
// say how far that is. A further kind of job is one more entry here.
#pragma once

#include <optional>
#include <span>

#include "engine/job.hpp"

namespace csrflow::engine {

/// How far a job is with one certificate. Words are kept in the views.
enum class TargetPhase : std::uint8_t {
  waiting,
  begun,
  failed,  ///< the last attempt
  done,
  gone  ///< its request was deleted: nothing is left to do
};
std::string_view name_of(TargetPhase);

/// What an event says of the certificate.
struct TargetStep {
  Uid uid;
  TargetPhase phase{};
  Position cause;             ///< of what has begun or failed: a job's is its `planned` event
  std::uint32_t attempt = 0;  ///< of the same
  bool lasting = false;       ///< it failed for a reason that stays
};

struct JobWork {
  JobKind kind{};
  CsrCommand (*begin)(std::string_view job, const JobState&, const JobTarget&, std::uint32_t attempt);
  /// Nothing: the event says nothing of it. Pure.
  std::optional<TargetStep> (*step)(const CsrEvent&);
};
std::span<const JobWork> job_works();
const JobWork& work_of(JobKind);

/// So often a certificate is tried before it counts as failed, and so long after a failed attempt.
constexpr std::uint32_t job_attempts = 3;
constexpr Duration job_retry_wait = seconds(30);
/// What has begun and is not done after so long counts as failed until it is done: a host that is silent, an
/// approval that nobody gives.
constexpr Duration job_patience = seconds(600);
constexpr std::string_view key_compromise_reason = "key-compromise";

}  // namespace csrflow::engine
