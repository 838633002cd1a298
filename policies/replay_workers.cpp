#include "policies/replay_workers.hpp"

#include <algorithm>
#include <utility>

namespace csrflow::policies {
namespace {

constexpr std::size_t requests_a_batch = 256;
constexpr std::size_t batches_waiting = 32;

/// Keeps the `most` oldest.
void keep(std::vector<ReplayedRequest>& kept, ReplayedRequest one, std::size_t most) {
  const auto place = std::ranges::upper_bound(kept, one.position, {}, &ReplayedRequest::position);
  kept.insert(place, std::move(one));
  if (kept.size() > most) kept.pop_back();
}
bool wants(const std::vector<ReplayedRequest>& kept, engine::Position position, std::size_t most) {
  return kept.size() < most || (most > 0 && position < kept.back().position);
}

}  // namespace

void ReplayTally::add(const Reevaluated& one, const ReplayEvaluation& evaluation) {
  ++result.requests;
  result.decisions += one.decisions;
  result.unreadable += one.unreadable ? 1 : 0;
  result.tested += one.tested ? 1 : 0;
  std::optional<ReplayedRequest> told;
  const auto tell = [&]() -> const ReplayedRequest& {
    if (!told) told = evaluation.told();
    return *told;
  };
  if (!one.reproduced) {
    ++result.not_reproduced;
    if (wants(result.not_reproduced_examples, one.position, most_listed)) {
      ReplayedRequest differs = tell();
      differs.replayed = one.instead;
      keep(result.not_reproduced_examples, std::move(differs), most_listed);
    }
  }
  ReplayCell& cell = result.at(one.recorded, one.replayed);
  ++cell.count;
  if (agrees(one.recorded, one.replayed)) return;
  if (wants(cell.examples, one.position, options_.examples)) keep(cell.examples, tell(), options_.examples);
  const bool was_approved = one.recorded == Recorded::approve || one.recorded == Recorded::person_approve;
  if (was_approved && one.replayed == Replayed::deny) denied.push_back(tell());
}

void ReplayTally::add(ReplayTally&& other) {
  result.requests += other.result.requests;
  result.decisions += other.result.decisions;
  result.unreadable += other.result.unreadable;
  result.tested += other.result.tested;
  result.not_reproduced += other.result.not_reproduced;
  for (auto& one : other.result.not_reproduced_examples)
    keep(result.not_reproduced_examples, std::move(one), most_listed);
  for (std::size_t recorded = 0; recorded < result.cells.size(); ++recorded)
    for (std::size_t replayed = 0; replayed < result.cells[recorded].size(); ++replayed) {
      ReplayCell& cell = result.cells[recorded][replayed];
      ReplayCell& more = other.result.cells[recorded][replayed];
      cell.count += more.count;
      for (auto& one : more.examples) keep(cell.examples, std::move(one), options_.examples);
    }
  std::ranges::move(other.denied, std::back_inserter(denied));
}

ReplayWorkers::ReplayWorkers(const PolicyEras& eras, const ReplayOptions& options)
    : eras_(eras), options_(options) {
  if (options_.cascade) {
    tallies_.emplace_back(options);
    in_order_.emplace(eras_, options_);
    return;
  }
  for (unsigned i = 0; i < std::max(1u, options.threads); ++i) {
    ReplayTally& tally = tallies_.emplace_back(options);
    threads_.emplace_back([this, &tally](std::stop_token stop) { run(std::move(stop), tally); });
  }
}

void ReplayWorkers::evaluate_in_order(PastRequest request) {
  const auto uid_of = [](const engine::PastRow& made) { return engine::counted(made).use.uid.text; };
  auto& predecessor = request.past.predecessor;
  if (predecessor && refused_.contains(uid_of(predecessor->made))) predecessor.reset();
  const Reevaluated one = in_order_->evaluate(request);
  if (!agrees(one.recorded, one.replayed) && one.replayed != Replayed::approve)
    refused_.insert(uid_of(request.made));
  tallies_.front().add(one, *in_order_);
}

void ReplayWorkers::give(PastRequest request) {
  if (in_order_) return evaluate_in_order(std::move(request));
  gathering_.push_back(std::move(request));
  if (gathering_.size() >= requests_a_batch) pass_on();
}

void ReplayWorkers::pass_on() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return queue_.size() < batches_waiting || failure_; });
  if (failure_) std::rethrow_exception(failure_);
  queue_.push_back(std::exchange(gathering_, {}));
  wake_.notify_all();
}

void ReplayWorkers::run(std::stop_token stop, ReplayTally& tally) {
  ReplayEvaluation evaluation(eras_, options_);
  for (;;) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [&] { return !queue_.empty() || ended_; });
      if (queue_.empty() || failure_ || stop.stop_requested()) return;
      batch = std::move(queue_.front());
      queue_.pop_front();
      wake_.notify_all();
    }
    try {
      for (const PastRequest& request : batch) tally.add(evaluation.evaluate(request), evaluation);
    } catch (const std::exception&) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      wake_.notify_all();
      return;
    }
  }
}

ReplayTally ReplayWorkers::finish() {
  if (!gathering_.empty()) pass_on();
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_all();
  for (std::jthread& thread : threads_) thread.join();
  if (failure_) std::rethrow_exception(failure_);
  ReplayTally all = std::move(tallies_.front());
  for (std::size_t i = 1; i < tallies_.size(); ++i) all.add(std::move(tallies_[i]));
  return all;
}

}  // namespace csrflow::policies
