#include "policies/replay.hpp"

#include <algorithm>
#include <unordered_map>

#include "policies/replay_workers.hpp"

namespace csrflow::policies {
namespace {

constexpr std::size_t rows_a_read = 4096;

/// Reads history, and puts each request together until it is decided.
class Reading {
 public:
  Reading(engine::PastSource& source, const PolicyEras& eras, const ReplayOptions& options)
      : source_(source), options_(options), past_(source, eras, options.stop), workers_(eras, options) {}

  ReplayTally run() {
    source_.rewind();
    const engine::Position head = source_.head();
    bool complete = true;
    for (;;) {
      if (options_.stop.stop_requested()) {
        complete = false;
        break;
      }
      auto rows = source_.next(rows_a_read);
      if (rows.empty()) break;
      if (options_.progress) options_.progress(rows.back().position, head);
      for (engine::PastRow& row : rows) row.is_made() ? begin(std::move(row)) : go_on(std::move(row));
    }
    // Nobody has decided what is still open; unless it was not read to its end.
    if (complete) give_open({head.value + 1});
    ReplayTally tally = workers_.finish();
    tally.result.complete = complete;
    return tally;
  }

 private:
  void begin(engine::PastRow row) {
    PastOfRequest past = past_.add_request(row);
    if (options_.since && row.recorded_at < *options_.since) return;
    if (options_.until && row.recorded_at >= *options_.until) return;
    if (!options_.signer_name.empty() && engine::counted(row).signer_name != options_.signer_name) return;
    const std::uint64_t position = row.position.value;
    open_.emplace(position, PastRequest{std::move(row), {}, std::move(past), {}});
  }

  void go_on(engine::PastRow row) {
    past_.add_step(row);
    const auto found = open_.find(row.request.value);
    if (found == open_.end()) return;
    using Kind = engine::RequestStep::Kind;
    const Kind kind = engine::kind_of(row);
    const bool ends = kind == Kind::approved || kind == Kind::denied || kind == Kind::ended;
    found->second.until = row.position;
    found->second.steps.push_back(std::move(row));
    if (!ends) return;
    workers_.give(std::move(found->second));
    open_.erase(found);
  }

  void give_open(engine::Position until) {
    std::vector<PastRequest> open;
    for (auto& [position, request] : open_) open.push_back(std::move(request));
    std::ranges::sort(open, {}, [](const PastRequest& request) { return request.made.position; });
    for (PastRequest& request : open) {
      request.until = until;
      workers_.give(std::move(request));
    }
  }

  engine::PastSource& source_;
  const ReplayOptions& options_;
  ReplayPast past_;
  std::unordered_map<std::uint64_t, PastRequest> open_;  // by position of `created`
  ReplayWorkers workers_;
};

/// Which of those that would have been denied have a valid certificate.
void find_live(engine::PastSource& source, ReplayTally& tally, const ReplayOptions& options) {
  std::ranges::sort(tally.denied, {}, &ReplayedRequest::position);
  for (ReplayedRequest& one : tally.denied) {
    if (options.stop.stop_requested()) {
      tally.result.complete = false;
      return;
    }
    const auto certificate = source.certificate(one.request, one.uid);
    if (!certificate || certificate->entry.not_after < options.now) continue;
    ++tally.result.live_denied;
    if (tally.result.live_denied_examples.size() < most_listed)
      tally.result.live_denied_examples.push_back(std::move(one));
  }
}

}  // namespace

bool agrees(Recorded recorded, Replayed replayed) {
  switch (recorded) {
    case Recorded::approve:
      return replayed == Replayed::approve;
    case Recorded::deny:
      return replayed == Replayed::deny;
    case Recorded::person_approve:
    case Recorded::person_deny:
    case Recorded::pending:
    case Recorded::lapsed:
      return replayed == Replayed::person || replayed == Replayed::waits;
  }
  return false;
}

ReplayCell& ReplayResult::at(Recorded recorded, Replayed replayed) {
  return cells[static_cast<std::size_t>(recorded)][static_cast<std::size_t>(replayed)];
}
const ReplayCell& ReplayResult::at(Recorded recorded, Replayed replayed) const {
  return cells[static_cast<std::size_t>(recorded)][static_cast<std::size_t>(replayed)];
}

std::uint64_t ReplayResult::differing() const {
  std::uint64_t differing = 0;
  for (std::size_t recorded = 0; recorded < cells.size(); ++recorded)
    for (std::size_t replayed = 0; replayed < cells[recorded].size(); ++replayed)
      if (!agrees(static_cast<Recorded>(recorded), static_cast<Replayed>(replayed)))
        differing += cells[recorded][replayed].count;
  return differing;
}

ReplayResult replay(engine::PastSource& source, const std::vector<PolicyChange>& changes,
                    const ReplayOptions& options) {
  const PolicyEras eras(changes, options.policies, options.only);
  ReplayTally tally = Reading(source, eras, options).run();
  find_live(source, tally, options);
  return std::move(tally.result);
}

}  // namespace csrflow::policies
