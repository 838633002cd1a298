#include "engine/mass_rotation.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "engine/rate_span.hpp"

namespace csrflow::engine {
namespace {

constexpr std::int64_t reserve_share = 10;  // of the time until the deadline
constexpr std::size_t unlabelled_canaries = 10;
constexpr Duration least_bucket = seconds(60);
constexpr std::int64_t most_buckets = 60;
constexpr Duration hour = seconds(3600);

/// length × i / n, rounded down.
Duration part(Duration length, std::size_t i, std::size_t n) {
  return {static_cast<std::int64_t>(static_cast<Wide>(length.microseconds) * i / n)};
}

/// How many of `count` in `time` an hour is; rounded up or down.
std::int64_t hourly(std::uint64_t count, Duration time, bool up) {
  const auto divisor = static_cast<Wide>(std::max<std::int64_t>(1, time.microseconds));
  const Wide product = static_cast<Wide>(count) * static_cast<Wide>(hour.microseconds);
  return static_cast<std::int64_t>((product + (up ? divisor - 1 : 0)) / divisor);
}

std::optional<Obstacle> obstacle(const MassTarget& target, const MassJob& job, const MassSigner& signer) {
  if (target.mode == RotationMode::announce || target.mode == RotationMode::none) return Obstacle::not_ours;
  if (target.mode == RotationMode::renew && job.reason == JobReason::key_compromise)
    return Obstacle::rekey_needed;
  if (target.mode == RotationMode::rekey && target.agent == AgentState::none) return Obstacle::no_agent;
  if (target.mode == RotationMode::rekey && target.agent == AgentState::silent) return Obstacle::agent_silent;
  if (signer.ends && *signer.ends <= job.deadline) return Obstacle::ca_near_end;
  return std::nullopt;
}

std::expected<Sha256, std::string> set_of(const std::vector<MassTarget>& targets, HashFunction hash) {
  std::vector<std::uint32_t> order(targets.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](std::uint32_t i) {
    return std::tie(targets[i].stream.text, targets[i].serial.content);
  };
  const auto before = [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); };
  std::ranges::sort(order, before);
  const auto twice =
      std::ranges::adjacent_find(order, [&](std::uint32_t a, std::uint32_t b) { return key(a) == key(b); });
  if (twice != order.end())
    return std::unexpected(targets[*twice].stream.text + " with serial number " +
                           targets[*twice].serial.hex() +
                           " is in the list twice: name each certificate once");
  std::string text = "csrflow mass rotation v1";
  text += '\0';
  for (const std::uint32_t i : order) text += targets[i].stream.text + '\0' + targets[i].serial.hex() + '\n';
  return hash(text);
}

std::optional<std::string> mistake(const std::vector<MassTarget>& targets, const MassJob& job) {
  if (targets.empty())
    return "no certificate is selected, so there is nothing to rotate: widen the selection";
  if (targets.size() > max_mass_targets)
    return std::to_string(targets.size()) + " certificates are more than one job takes (" +
           std::to_string(max_mass_targets) + "): make several jobs";
  if (job.deadline <= job.start)
    return "the deadline " + rfc3339_seconds(job.deadline) + " is not after the start " +
           rfc3339_seconds(job.start) + ": give the job more time";
  return std::nullopt;
}

/// Makes one plan.
class Planner {
 public:
  Planner(const std::vector<MassTarget>& targets, const MassJob& job) : targets_(targets), job_(job) {}

  MassPlan plan(const Sha256& set, HashFunction hash) {
    plan_.set = set;
    plan_.end = job_.start;
    select();
    order(hash);
    make_stages();
    judge();
    draw_load();
    return std::move(plan_);
  }

 private:
  const MassSigner& signer_of(std::uint32_t target) const {
    static const MassSigner usual;
    const auto found = job_.signers.find(targets_[target].signer.text);
    return found == job_.signers.end() ? usual : found->second;
  }

  void select() {
    for (std::uint32_t i = 0; i < targets_.size(); ++i) {
      const MassSigner& signer = signer_of(i);
      if (const auto why = obstacle(targets_[i], job_, signer)) {
        plan_.hindered.push_back({i, *why});
        continue;
      }
      plan_.rotations.push_back({.target = i});
      plan_.cut += signer.ends && *signer.ends < job_.deadline + targets_[i].lifetime;
      SignerShare& share = plan_.signers[targets_[i].signer.text];
      share.cap = signer.cap;
      ++share.count;
    }
  }

  void order(HashFunction hash) {
    const std::string suffix = std::string("\0job\0", 5) + job_.id;
    jitter_.resize(targets_.size());
    for (const PlannedRotation& r : plan_.rotations) {
      const MassTarget& target = targets_[r.target];
      jitter_[r.target] = rotation_jitter(target.stream, {target.serial.content + suffix}, hash);
    }
    std::ranges::sort(plan_.rotations, [&](const PlannedRotation& a, const PlannedRotation& b) {
      const MassTarget& x = targets_[a.target];
      const MassTarget& y = targets_[b.target];
      if (x.canary != y.canary) return x.canary;
      if (x.not_after != y.not_after) return x.not_after < y.not_after;
      if (jitter_[a.target] != jitter_[b.target]) return jitter_[a.target] < jitter_[b.target];
      return std::tie(x.stream.text, x.serial.content) < std::tie(y.stream.text, y.serial.content);
    });
  }

  void make_stages() {
    if (plan_.rotations.empty()) return;
    const auto canaries = static_cast<std::size_t>(std::ranges::count_if(
        plan_.rotations, [&](const PlannedRotation& r) { return targets_[r.target].canary; }));
    std::size_t first = 0;
    for (const std::size_t count : stage_sizes(plan_.rotations.size(), canaries)) {
      const Timestamp start = plan_.stages.empty() ? job_.start : plan_.end + job_.wait_between_stages;
      make_stage({.start = start, .first = first, .count = count});
      first += count;
    }
  }

  void make_stage(MassStage stage) {
    const std::span rotations = std::span(plan_.rotations).subspan(stage.first, stage.count);
    std::map<std::string_view, std::vector<PlannedRotation*>> by_signer;
    for (PlannedRotation& r : rotations) by_signer[targets_[r.target].signer.text].push_back(&r);
    Duration span;
    std::string_view slowest;
    for (const auto& [name, own] : by_signer) {
      const Duration takes = time_for(own.size(), signer_of(own.front()->target).cap);
      if (takes > span) span = takes, slowest = name;
    }
    for (const auto& [name, own] : by_signer) {
      for (std::size_t i = 0; i < own.size(); ++i) {
        const Duration from = part(span, i, own.size());
        own[i]->after = from + point_in(part(span, i + 1, own.size()) - from, jitter_[own[i]->target]);
      }
    }
    // Of one signer they are in order.
    if (by_signer.size() > 1) std::ranges::stable_sort(rotations, {}, &PlannedRotation::after);
    stage.end = plan_.end = stage.start + span;
    stage.per_hour = hourly(stage.count, span, false);
    if (span > longest_) longest_ = span, slowest_ = slowest;
    plan_.stages.push_back(stage);
  }

  void judge() {
    const Duration until = job_.deadline - job_.start;
    const Duration usable = until - Duration{until.microseconds / reserve_share};
    plan_.needed_per_hour = hourly(plan_.rotations.size(), usable, true);
    const auto waits = plan_.stages.empty() ? 0 : static_cast<std::int64_t>(plan_.stages.size() - 1);
    const Duration signing = usable - Duration{job_.wait_between_stages.microseconds * waits};
    const bool keeps_reserve = plan_.end <= job_.start + usable;
    for (auto& [name, share] : plan_.signers) {
      if (signing > Duration{}) share.needed_per_hour = hourly(share.count, signing, true);
      share.binds = !keeps_reserve && signing > Duration{} && name == slowest_;
    }
    for (const MassStage& stage : plan_.stages) {
      for (std::size_t i = stage.first; i < stage.first + stage.count; ++i) {
        const std::uint32_t target = plan_.rotations[i].target;
        plan_.expire_first += plan_.instant_of(stage, i) > targets_[target].not_after;
        if (plan_.instant_of(stage, i) <= job_.deadline) continue;
        plan_.hindered.push_back({target, Obstacle::cap_too_low});
        plan_.fits = false;
      }
    }
    std::ranges::sort(plan_.hindered, {}, &Hindered::target);
  }

  void draw_load() {
    const std::int64_t minutes = (plan_.end - job_.start).microseconds / least_bucket.microseconds;
    plan_.bucket = {least_bucket.microseconds * (minutes / most_buckets + 1)};
    if (plan_.stages.empty()) return;
    for (const MassStage& stage : plan_.stages) {
      for (std::size_t i = stage.first; i < stage.first + stage.count; ++i) {
        const Duration since = plan_.instant_of(stage, i) - job_.start;
        const auto bucket = static_cast<std::size_t>(since.microseconds / plan_.bucket.microseconds);
        if (plan_.load.size() <= bucket) plan_.load.resize(bucket + 1);
        ++plan_.load[bucket];
      }
    }
  }

  const std::vector<MassTarget>& targets_;
  const MassJob& job_;
  MassPlan plan_;
  std::vector<std::uint64_t> jitter_;  // by target
  Duration longest_;                   // of the stages
  std::string_view slowest_;           // signer in it
};

}  // namespace

std::string_view sentence_of(Obstacle obstacle) {
  constexpr std::array<std::string_view, 6> sentences{
      "no agent is known for it, and it needs a new key: install an agent, or replace it by hand",
      "its agent has not been heard of, and it needs a new key: see to the host",
      "its key must be replaced, and its mode renew keeps the key: give it the mode rekey",
      "its mode leaves it to somebody else: replace it by hand, or give it the mode renew or rekey",
      "its CA ends before the deadline: roll the CA over first",
      "the cap of its signer begins it after the deadline: raise the cap, or allow more time"};
  return sentences[static_cast<std::size_t>(obstacle)];
}

std::vector<std::size_t> stage_sizes(std::size_t n, std::size_t canaries) {
  const std::size_t few =
      canaries > 0 ? std::min(canaries, n / 10) : std::min(unlabelled_canaries, n / 1'000);
  std::vector<std::size_t> sizes{std::max<std::size_t>(1, few)};
  for (const std::size_t size : {n / 100, n / 10}) {
    if (size > sizes.back()) sizes.push_back(size);
  }
  const std::size_t before = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  if (n > before) sizes.push_back(n - before);
  return sizes;
}

std::expected<MassPlan, std::string> plan_mass_rotation(const std::vector<MassTarget>& targets,
                                                        const MassJob& job, HashFunction hash) {
  if (auto wrong = mistake(targets, job)) return std::unexpected(std::move(*wrong));
  const auto set = set_of(targets, hash);
  if (!set) return std::unexpected(set.error());
  return Planner(targets, job).plan(*set, hash);
}

}  // namespace csrflow::engine
