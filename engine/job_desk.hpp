// Where people ask for jobs: it finds the certificates that are meant, plans, and records what was planned.
#pragma once

#include <functional>
#include <mutex>
#include <set>

#include "engine/job_source.hpp"
#include "engine/mass_rotation.hpp"
#include "engine/writer.hpp"

namespace csrflow::engine {

constexpr std::size_t targets_per_event = 1'000;

/// Which certificates are meant: live, not expired and without a successor, of all that is given.
struct JobSelection {
  SignerName signer;  ///< empty: of any
  StringMap labels;
  std::vector<std::string> names;  ///< of requests; empty: all
};

struct JobCandidate {
  MassTarget target;
  Uid uid;
  std::string job;  ///< that has it and has not ended
};

/// The views as a job is planned from them. Belongs to one thread at a time.
struct CandidateSource {
  virtual ~CandidateSource() = default;
  virtual void reach(Position position) = 0;
  /// At most `most` + 1.
  virtual std::vector<JobCandidate> candidates(const JobSelection&, Timestamp now, std::size_t most) = 0;
  /// How many scheduled rotations of all signers are due in each of `buckets` from `start` on.
  virtual std::vector<std::uint64_t> steady_load(Timestamp start, Duration bucket, std::size_t buckets) = 0;
};

struct JobWish {
  std::string name;
  JobKind kind{};
  JobSelection selection;
  JsonText selection_text;  ///< as it was asked
  std::string reason;
  RotationMode mode = RotationMode::renew;
  Timestamp deadline;
  Duration pause;
  std::string set_hash;  ///< of the plan that was agreed to; empty: any
  bool start = true;
};

struct JobProposal {
  Timestamp now;
  std::vector<JobCandidate> candidates;
  MassPlan plan;
  std::vector<std::uint64_t> steady;  ///< in the plan's buckets
};

/// May whoever asks have the certificates of these signers replaced?
using SignersPermitted = std::function<std::expected<void, Refusal>(const std::set<std::string>& signers)>;

/// Thread-safe; one plan at a time, since it may take seconds: others are refused as unavailable.
class JobDesk {
 public:
  struct Ground {
    Writer& writer;
    const Clock& clock;
    HashFunction hash;
    MassSigner signer;  ///< how fast each signer goes, and until when
  };
  /// `status`: for those who ask how jobs are.
  JobDesk(std::unique_ptr<CandidateSource>, std::unique_ptr<JobSource> status, Ground);

  std::expected<JobProposal, Refusal> propose(const JobWish&, const SignersPermitted&);
  /// Plans, records and starts it; `context` and `judgement` are of who asks. Answers the job's state.
  std::expected<JobState, Refusal> create(const JobWish&, const SignersPermitted&, const Context&, Judgement);

  /// Calls `act(source)` once it shows everything that is committed.
  template <class Act>
  auto with_jobs(Act act) {
    const std::lock_guard lock(status_mutex_);
    status_->reach(ground_.writer.head());
    return act(*status_);
  }

 private:
  std::expected<JobProposal, Refusal> plan(const JobWish&, const SignersPermitted&);
  std::expected<std::shared_ptr<const State>, Refusal> tell(const std::string& job, JobCommand,
                                                            const Context&, Judgement = {});
  std::expected<JobState, Refusal> record(const JobWish&, const JobProposal&, const Context&, Judgement);

  const Ground ground_;
  std::mutex planning_;
  const std::unique_ptr<CandidateSource> candidates_;  // guarded by planning_
  std::mutex status_mutex_;
  const std::unique_ptr<JobSource> status_;  // guarded by status_mutex_
};

}  // namespace csrflow::engine
