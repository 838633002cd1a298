#include "engine/rotation_queue.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace csrflow::engine {
namespace {

/// A fall of the clock that is no more than its correction.
constexpr Duration small_fall = seconds(1);

/// The rate of a signer or requester, which a later policy version may change.
class Rate {
 public:
  Rate(const RateCap& cap, Position since, Timestamp now) : cap_(cap), since_(since), limiter_(cap, now) {}

  Timestamp next(Timestamp now) const { return limiter_.next(now); }
  void pass(Timestamp now) { limiter_.pass(now); }
  void restart(Timestamp now) { limiter_ = RateLimiter(cap_, now); }

  /// When all that has passed no longer counts.
  Timestamp forgotten_at() const {
    const Timestamp first_room = limiter_.next({std::numeric_limits<std::int64_t>::min()});
    return first_room + times(cap_, cap_.burst - 1);
  }

  /// What has passed still counts, as far as it could have passed under the new cap.
  void change(const RateCap& cap, Position since, Timestamp now) {
    if (since <= since_) return;
    since_ = since;
    if (cap == cap_) return;
    const Timestamp counted = std::min(forgotten_at(), now + times(cap, cap.burst));
    cap_ = cap;
    limiter_ = RateLimiter(cap_, counted);
  }

 private:
  static Duration times(const RateCap& cap, std::int64_t n) {
    return {cap.period.microseconds / cap.limit * n};
  }

  RateCap cap_;
  Position since_;
  RateLimiter limiter_;
};

}  // namespace

struct RotationQueue::Entry {
  Timestamp not_after, due;
  Position cause;
  std::uint32_t attempt;
  TimerKind kind;
  TextPool::Text stream;

  bool expired(Timestamp now) const { return now >= not_after + seconds(1); }
};

/// Entries: which goes first. Lines: by their first entries, then by their requesters, of which each has one
/// at a signer.
struct RotationQueue::Before {
  const TextPool* streams;
  bool expired = false;

  auto key(const Entry& e) const { return std::tuple(e.not_after, e.due, (*streams)[e.stream]); }
  bool operator()(const Entry& a, const Entry& b) const { return key(a) < key(b); }
  bool operator()(const Line* a, const Line* b) const;
};

struct RotationQueue::Signer {
  Signer(const TextPool& streams) : lines{Lines{Before{&streams, false}}, Lines{Before{&streams, true}}} {}

  using Lines = std::set<Line*, Before>;
  std::optional<Rate> rate;  ///< none: nothing has been added yet
  std::int64_t most_in_flight = 0, in_flight = 0;
  Position since;
  std::size_t waiting = 0;
  bool held = false;
  /// Of requesters whose rate has room: by their first entry that is valid, and by their first expired one.
  std::array<Lines, 2> lines;

  /// The caps are those of what waits or counts, not of a policy that is gone.
  void learn(const RotationCaps& caps, Timestamp now) {
    if (rate && waiting == 0 && in_flight == 0 && rate->forgotten_at() <= now) rate.reset();
    if (rate && caps.since <= since) return;
    since = caps.since;
    most_in_flight = caps.in_flight;
    if (rate)
      rate->change(caps.per_signer, since, now);
    else
      rate.emplace(caps.per_signer, since, now);
  }
};

/// What of a requester waits for a signer.
struct RotationQueue::Line {
  Signer& signer;
  Requester& requester;
  /// Heaps of the valid and of the expired ones, the first on top.
  std::array<std::vector<Entry>, 2> entries;
  std::array<bool, 2> listed{};

  static auto first_on_top(const TextPool& streams) {
    return [before = Before{&streams}](const Entry& a, const Entry& b) { return before(b, a); };
  }
  bool empty() const { return entries[0].empty() && entries[1].empty(); }
  void push(bool expired, const Entry& entry, const TextPool& streams) {
    std::vector<Entry>& heap = entries[expired];
    // By a quarter, since most of the memory is here.
    if (heap.size() == heap.capacity()) heap.reserve(heap.size() + heap.size() / 4 + 1);
    heap.push_back(entry);
    std::ranges::push_heap(heap, first_on_top(streams));
  }
  Entry pop(bool expired, const TextPool& streams) {
    std::vector<Entry>& heap = entries[expired];
    std::ranges::pop_heap(heap, first_on_top(streams));
    const Entry entry = heap.back();
    heap.pop_back();
    if (heap.empty()) heap.shrink_to_fit();
    return entry;
  }
};

struct RotationQueue::Requester {
  const std::string& name;  ///< the key in requesters_
  Rate rate;
  std::vector<std::unique_ptr<Line>> lines;  ///< none is empty
  std::optional<std::multimap<Timestamp, Requester*>::iterator> rest;
};

bool RotationQueue::Before::operator()(const Line* a, const Line* b) const {
  const Entry& x = a->entries[expired].front();
  const Entry& y = b->entries[expired].front();
  return std::tuple_cat(key(x), std::tie(a->requester.name)) <
         std::tuple_cat(key(y), std::tie(b->requester.name));
}

RotationCaps caps_of(const RotationLimits& limits, SignerName signer, std::string requester, Position since) {
  return {.signer = std::move(signer),
          .requester = std::move(requester),
          .per_signer = limits.per_signer,
          .per_requester = limits.per_requester,
          .in_flight = limits.in_flight,
          .since = since};
}

RotationQueue::RotationQueue(Timestamp now, std::size_t room) : now_(now), room_(room) {}
RotationQueue::~RotationQueue() = default;

// ---- keys ---------------------------------------------------------------------------------------

RotationQueue::Signer& RotationQueue::signer_of(const SignerName& name) {
  auto& signer = signers_[name.text];
  if (!signer) signer = std::make_unique<Signer>(streams_);
  return *signer;
}

RotationQueue::Line& RotationQueue::line_of(Requester& requester, Signer& signer) {
  for (const auto& line : requester.lines) {
    if (&line->signer == &signer) return *line;
  }
  requester.lines.push_back(std::make_unique<Line>(signer, requester));
  return *requester.lines.back();
}

void RotationQueue::list(Line& line) {
  for (const bool expired : {false, true}) {
    if (line.listed[expired] || line.entries[expired].empty()) continue;
    line.signer.lines[expired].insert(&line);
    line.listed[expired] = true;
  }
}

void RotationQueue::unlist(Line& line) {
  for (const bool expired : {false, true}) {
    if (line.listed[expired]) line.signer.lines[expired].erase(&line);
    line.listed[expired] = false;
  }
}

/// Puts the requester where it belongs: its lines with their signers, or to rest, or nowhere.
void RotationQueue::settle(Requester& requester) {
  if (requester.rest) resting_.erase(*requester.rest);
  requester.rest.reset();
  const Timestamp room = requester.lines.empty() ? requester.rate.forgotten_at() : requester.rate.next(now_);
  if (room > now_) {
    for (const auto& line : requester.lines) unlist(*line);
    requester.rest = resting_.emplace(room, &requester);
  } else if (requester.lines.empty()) {
    requesters_.erase(requesters_.find(requester.name));
  } else {
    for (const auto& line : requester.lines) list(*line);
  }
}

// ---- time ---------------------------------------------------------------------------------------

void RotationQueue::advance(Timestamp now) {
  const bool set_back = now + small_fall < now_;
  now_ = set_back ? now : std::max(now, now_);
  if (set_back) restart_rates();
  wake_rested();
}

void RotationQueue::restart_rates() {
  for (const auto& [name, signer] : signers_) {
    if (signer->rate) signer->rate->restart(now_);
  }
  std::vector<Requester*> all;
  for (const auto& [name, requester] : requesters_) all.push_back(requester.get());
  for (Requester* requester : all) {
    requester->rate.restart(now_);
    settle(*requester);
  }
}

void RotationQueue::wake_rested() {
  while (!resting_.empty() && resting_.begin()->first <= now_) settle(*resting_.begin()->second);
}

void RotationQueue::separate_expired(Signer& signer) {
  auto& valid = signer.lines[false];
  while (!valid.empty() && (*valid.begin())->entries[false].front().expired(now_)) {
    Line& line = **valid.begin();
    unlist(line);
    line.push(true, line.pop(false, streams_), streams_);
    list(line);
  }
}

// ---- the queue ----------------------------------------------------------------------------------

bool RotationQueue::add(const DueRotation& rotation, const RotationCaps& caps) {
  if (waiting_ >= room_) return false;
  Signer& signer = signer_of(caps.signer);
  signer.learn(caps, now_);
  ++signer.waiting;

  const auto [place, is_new] = requesters_.try_emplace(caps.requester);
  if (is_new)
    place->second = std::make_unique<Requester>(place->first, Rate(caps.per_requester, caps.since, now_));
  Requester& requester = *place->second;
  requester.rate.change(caps.per_requester, caps.since, now_);

  const Entry entry{.not_after = rotation.not_after,
                    .due = rotation.due,
                    .cause = rotation.cause,
                    .attempt = rotation.attempt,
                    .kind = rotation.kind,
                    .stream = streams_.put(rotation.stream.text)};
  Line& line = line_of(requester, signer);
  unlist(line);
  line.push(entry.expired(now_), entry, streams_);
  ++waiting_;
  settle(requester);
  return true;
}

bool RotationQueue::open(const Signer& signer) const {
  return !signer.held && signer.rate && signer.in_flight < signer.most_in_flight;
}

/// The line whose first entry goes next, and in which of its heaps; null when none may.
RotationQueue::Line* RotationQueue::first(bool& expired) {
  if (in_flight_.size() >= most_in_flight) return nullptr;
  for (const auto& [name, signer] : signers_) separate_expired(*signer);
  for (expired = false;; expired = true) {
    Line* best = nullptr;
    for (const auto& [name, signer] : signers_) {
      const auto& lines = signer->lines[expired];
      if (lines.empty() || !open(*signer) || signer->rate->next(now_) > now_) continue;
      if (best == nullptr || lines.key_comp()(*lines.begin(), best)) best = *lines.begin();
    }
    if (best != nullptr || expired) return best;
  }
}

DueRotation RotationQueue::begin(Line& line, bool expired) {
  unlist(line);
  const Entry entry = line.pop(expired, streams_);
  DueRotation rotation{.kind = entry.kind,
                       .stream = {std::string(streams_[entry.stream])},
                       .cause = entry.cause,
                       .attempt = entry.attempt,
                       .due = entry.due,
                       .not_after = entry.not_after};
  streams_.drop(entry.stream);
  --waiting_;
  --line.signer.waiting;
  line.signer.rate->pass(now_);
  if (in_flight_.emplace(rotation.stream.text, &line.signer).second) ++line.signer.in_flight;
  Requester& requester = line.requester;
  requester.rate.pass(now_);
  if (line.empty()) std::erase_if(requester.lines, [&](const auto& other) { return other.get() == &line; });
  settle(requester);
  return rotation;
}

std::vector<DueRotation> RotationQueue::next(Timestamp now, std::size_t most) {
  advance(now);
  std::vector<DueRotation> begun;
  bool expired = false;
  while (begun.size() < most) {
    Line* line = first(expired);
    if (line == nullptr) break;
    begun.push_back(begin(*line, expired));
  }
  return begun;
}

void RotationQueue::finished(const StreamId& stream) {
  const auto found = in_flight_.find(stream.text);
  if (found == in_flight_.end()) return;
  --found->second->in_flight;
  in_flight_.erase(found);
}

std::optional<Timestamp> RotationQueue::wake(Timestamp now) {
  advance(now);
  if (in_flight_.size() >= most_in_flight) return std::nullopt;
  std::optional<Timestamp> earliest;
  const auto may_begin_at = [&](Timestamp t) { earliest = earliest ? std::min(*earliest, t) : t; };
  for (const auto& [name, signer] : signers_) {
    if (open(*signer) && !(signer->lines[false].empty() && signer->lines[true].empty()))
      may_begin_at(signer->rate->next(now_));
  }
  for (const auto& [room, requester] : resting_) {
    if (earliest && *earliest <= room) break;
    for (const auto& line : requester->lines) {
      if (open(line->signer)) may_begin_at(line->signer.rate->next(room));
    }
  }
  return earliest;
}

void RotationQueue::under_way(const StreamId& stream, const SignerName& name) {
  Signer& signer = signer_of(name);
  if (in_flight_.emplace(stream.text, &signer).second) ++signer.in_flight;
}
void RotationQueue::hold(const SignerName& signer) {
  signer_of(signer).held = true;
}
void RotationQueue::release(const SignerName& signer) {
  signer_of(signer).held = false;
}
std::int64_t RotationQueue::in_flight(const SignerName& name) const {
  const auto found = signers_.find(name.text);
  return found == signers_.end() ? 0 : found->second->in_flight;
}

}  // namespace csrflow::engine
