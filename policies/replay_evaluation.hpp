// One request of the past, evaluated again at the instants at which it was.
#pragma once

#include "policies/fact_finder.hpp"
#include "policies/replay_past.hpp"

namespace csrflow::policies {

/// A request from its creation to its decision, its end, or the end of the log.
struct PastRequest {
  engine::PastRow made;
  std::vector<engine::PastRow> steps;
  PastOfRequest past;
  engine::Position until;  ///< of what ended it, or one after the head
};

struct Reevaluated {
  engine::Position position;
  Recorded recorded{};
  Replayed replayed{};
  std::uint64_t decisions = 0;
  bool unreadable = false;
  bool tested = false, reproduced = true;
  std::string instead;  ///< what the policies of the time say now, when not reproduced
};

/// Belongs to one thread. `eras` and `options` outlive it.
class ReplayEvaluation {
 public:
  ReplayEvaluation(const PolicyEras& eras, const ReplayOptions& options);
  ~ReplayEvaluation();

  Reevaluated evaluate(const PastRequest&);
  /// The last one, with both sentences.
  ReplayedRequest told() const;

 private:
  struct Then;  // the request as the engine's ports show it
  struct Judged {
    std::shared_ptr<const PolicySet> set;
    std::shared_ptr<const Facts> facts;  // null: nothing was asked
    Decision decision;
  };
  Judged judge(const std::shared_ptr<const PolicySet>&, engine::Position, engine::Timestamp);
  void test_recorded(const engine::RequestStep&, Reevaluated&);

  const PolicyEras& eras_;
  const ReplayOptions& options_;
  std::unique_ptr<Then> then_;
  Judged last_;
};

}  // namespace csrflow::policies
