#include "engine/rotation_queue.hpp"

#include <rapidcheck.h>

#include <random>

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;

namespace {

using Names = std::vector<std::string>;
const Timestamp start = time_of("2026-03-08T00:00:00Z");
constexpr Duration milliseconds(std::int64_t n) {
  return {n * 1'000};
}

DueRotation rotation(const std::string& name, Duration left, Duration overdue = {}) {
  return {.stream = csr_stream(name), .cause = {7}, .due = start - overdue, .not_after = start + left};
}
RotationCaps caps(const char* signer, const char* requester) {
  return caps_of({}, {signer}, requester, {1});
}
const RotationCaps jane = caps("example.com/web", "jane");

Names names(const std::vector<DueRotation>& begun) {
  Names names;
  for (const DueRotation& one : begun) names.push_back(one.stream.name());
  return names;
}

/// A queue that takes everything, at `start`.
struct Queue {
  RotationQueue queue{start};

  void add(const DueRotation& one, const RotationCaps& under = jane) { REQUIRE(queue.add(one, under)); }
  Names next(Duration later = {}, std::size_t most = 64) { return names(queue.next(start + later, most)); }
  std::optional<Duration> wake(Duration later = {}) {
    const auto at = queue.wake(start + later);
    if (!at) return std::nullopt;
    return *at - start;
  }
};

}  // namespace

TEST_CASE("after a week of downtime: the nearest expiry first, what has expired last") {
  Queue queue;
  const auto waiting = [](const char* name, const char* due, const char* not_after) {
    return DueRotation{.stream = csr_stream(name), .due = time_of(due), .not_after = time_of(not_after)};
  };
  queue.add(waiting("a", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"));
  queue.add(waiting("b", "2026-03-05T00:00:00Z", "2026-03-20T00:00:00Z"));
  queue.add(waiting("c", "2026-03-02T00:00:00Z", "2026-04-30T00:00:00Z"));
  queue.add(waiting("d", "2026-03-07T00:00:00Z", "2026-03-09T00:00:00Z"));
  CHECK(queue.next() == Names{"d", "b", "c", "a"});
}

TEST_CASE("of the same expiry the one that is due longer goes first, then the names decide") {
  Queue queue;
  queue.add(rotation("z", days(1), seconds(1)));
  queue.add(rotation("b", days(1)));
  queue.add(rotation("a", days(1)));
  CHECK(queue.next() == Names{"z", "a", "b"});
}

TEST_CASE("a rotation is given back as it was added") {
  Queue queue;
  const DueRotation retry{.kind = TimerKind::rotate_retry,
                          .stream = csr_stream("web-1"),
                          .cause = {1'234},
                          .attempt = 5,
                          .due = start - hours(2),
                          .not_after = start + days(3)};
  queue.add(retry);
  CHECK(queue.queue.next(start, 1) == std::vector{retry});
  CHECK(queue.queue.waiting() == 0);
}

TEST_CASE("until the second after notAfter a certificate is not among the expired ones") {
  Queue queue;
  queue.add(rotation("expires", Duration{}));
  queue.add(rotation("valid", days(1)));
  CHECK(queue.next(seconds(1) - Duration{1}, 1) == Names{"expires"});
  queue.add(rotation("expires", Duration{}));
  CHECK(queue.next(seconds(1), 1) == Names{"valid"});
  CHECK(queue.next(seconds(1), 1) == Names{"expires"});
}

TEST_CASE("two hundred a second with a burst of ten: twelve that are due at once") {
  Queue queue;
  RotationCaps under = jane;
  under.per_signer = {.limit = 200, .burst = 10};
  for (int i = 0; i < 12; ++i) queue.add(rotation("web-" + std::to_string(i), days(1)), under);
  CHECK(queue.next().size() == 10);
  CHECK(queue.wake() == milliseconds(5));
  CHECK(queue.next(milliseconds(5) - Duration{1}).empty());
  CHECK(queue.next(milliseconds(5)).size() == 1);
  CHECK(queue.next(milliseconds(10)).size() == 1);
  CHECK_FALSE(queue.wake(milliseconds(10)));
}

TEST_CASE("who is held back by the requester's rate does not hold up others") {
  Queue queue;
  for (int i = 0; i < 30; ++i) queue.add(rotation("web-" + std::to_string(i), hours(1)));
  queue.add(rotation("carol", days(9)), caps("example.com/web", "carol"));
  const Names begun = queue.next();
  CHECK(begun.size() == 21);
  CHECK(begun.back() == "carol");
  CHECK(queue.wake() == milliseconds(50));
  CHECK(queue.next(milliseconds(100)).size() == 2);
}

TEST_CASE("who is held back by the signer's rate does not hold up others") {
  Queue queue;
  RotationCaps slow = caps("example.com/slow", "jane");
  slow.per_signer = {.limit = 1, .period = hours(1)};
  queue.add(rotation("a", hours(1)), slow);
  queue.add(rotation("b", hours(2)), slow);
  queue.add(rotation("c", hours(3)));
  CHECK(queue.next() == Names{"a", "c"});
  CHECK(queue.wake() == hours(1));
  CHECK(queue.next(hours(1)) == Names{"b"});
}

TEST_CASE("a requester's rate counts over all signers") {
  Queue queue;
  RotationCaps web = jane;
  RotationCaps mail = caps("example.com/mail", "jane");
  web.per_requester = mail.per_requester = {.limit = 1, .burst = 1};
  queue.add(rotation("a", hours(1)), web);
  queue.add(rotation("b", hours(2)), mail);
  CHECK(queue.next() == Names{"a"});
  CHECK(queue.next(seconds(1)) == Names{"b"});
}

TEST_CASE("as many are in flight as the policy says, and the next begins when one has finished") {
  Queue queue;
  RotationCaps under = jane;
  under.in_flight = 2;
  for (const char* name : {"a", "b", "c"}) queue.add(rotation(name, days(1)), under);
  CHECK(queue.next() == Names{"a", "b"});
  CHECK(queue.queue.in_flight({"example.com/web"}) == 2);
  CHECK_FALSE(queue.wake());
  queue.queue.finished(csr_stream("unknown"));
  CHECK(queue.next(seconds(1)).empty());
  queue.queue.finished(csr_stream("a"));
  CHECK(queue.wake(seconds(1)) == seconds(1));
  CHECK(queue.next(seconds(1)) == Names{"c"});
}

TEST_CASE("what was under way before a start counts") {
  Queue queue;
  RotationCaps under = jane;
  under.in_flight = 1;
  queue.queue.under_way(csr_stream("old"), {"example.com/web"});
  queue.add(rotation("new", days(1)), under);
  CHECK(queue.next().empty());
  queue.queue.finished(csr_stream("old"));
  CHECK(queue.next() == Names{"new"});
}

TEST_CASE("in flight over all signers there is a bound, too") {
  Queue queue;
  for (std::size_t i = 0; i < RotationQueue::most_in_flight; ++i)
    queue.queue.under_way(csr_stream(std::to_string(i)), {"example.com/mail"});
  queue.add(rotation("a", days(1)));
  CHECK(queue.next().empty());
  CHECK_FALSE(queue.wake());
  queue.queue.finished(csr_stream("0"));
  CHECK(queue.next() == Names{"a"});
}

TEST_CASE("of a held signer none begins, of others they do") {
  Queue queue;
  queue.queue.hold(jane.signer);
  queue.add(rotation("a", hours(1)));
  queue.add(rotation("b", hours(2)), caps("example.com/mail", "jane"));
  CHECK(queue.next() == Names{"b"});
  CHECK_FALSE(queue.wake());
  queue.queue.release(jane.signer);
  CHECK(queue.wake() == Duration{});
  CHECK(queue.next() == Names{"a"});
}

TEST_CASE("of two policy versions that cap the same signer the later holds, in whatever order they come") {
  for (const bool later_first : {true, false}) {
    Queue queue;
    RotationCaps old = jane, later = jane;
    old.per_signer = {.limit = 200, .burst = 50};
    later.per_signer = {.limit = 1, .burst = 1};
    later.since = {2};
    queue.add(rotation("a", hours(1)), later_first ? later : old);
    queue.add(rotation("b", hours(2)), later_first ? old : later);
    CHECK(queue.next() == Names{"a"});
    CHECK(queue.wake() == seconds(1));
  }
}

TEST_CASE("the caps of a policy that is gone are forgotten when nothing waits under them") {
  Queue queue;
  RotationCaps gone = jane;
  gone.in_flight = 1;
  gone.since = {9};
  queue.add(rotation("a", hours(1)), gone);
  queue.add(rotation("b", hours(2)), jane);
  CHECK(queue.next() == Names{"a"});
  queue.queue.finished(csr_stream("a"));
  CHECK(queue.next() == Names{"b"});
  queue.queue.finished(csr_stream("b"));
  CHECK(queue.next(seconds(1)).empty());
  queue.add(rotation("c", hours(1)), jane);
  queue.add(rotation("d", hours(2)), jane);
  CHECK(queue.next(seconds(1)) == Names{"c", "d"});
}

TEST_CASE("a faster rate is not held by what passed under the slower one") {
  Queue queue;
  RotationCaps slow = jane, fast = jane;
  slow.per_signer = {.limit = 1, .period = hours(1), .burst = 1};
  fast.per_signer = {.limit = 1, .burst = 1};
  fast.since = {2};
  queue.add(rotation("a", hours(1)), slow);
  CHECK(queue.next() == Names{"a"});
  queue.add(rotation("b", hours(1)), fast);
  CHECK(queue.wake() == seconds(1));
}

TEST_CASE("a clock that is set back by a day counts as a start: nothing waits for a day") {
  Queue queue;
  for (int i = 0; i < 30; ++i) queue.add(rotation("web-" + std::to_string(i), days(9)));
  CHECK(queue.next().size() == 20);
  CHECK(queue.next(Duration{} - days(1)).size() == 10);
  // A correction of less than a second changes nothing.
  for (int i = 30; i < 50; ++i) queue.add(rotation("web-" + std::to_string(i), days(9)));
  CHECK(queue.next(Duration{} - days(1) - milliseconds(900)).size() == 10);
  CHECK(queue.next(Duration{} - days(1)).empty());
}

TEST_CASE("a full queue takes no more until one has begun") {
  RotationQueue queue(start, 2);
  CHECK(queue.add(rotation("a", hours(1)), jane));
  CHECK(queue.add(rotation("b", hours(2)), jane));
  CHECK_FALSE(queue.add(rotation("c", hours(1)), jane));
  CHECK(names(queue.next(start, 1)) == Names{"a"});
  CHECK(queue.add(rotation("c", hours(1)), jane));
  CHECK(names(queue.next(start, 64)) == Names{"c", "b"});
}

// ---- what must always hold ----------------------------------------------------------------------

namespace {

/// The rules said naively: every waiting one is looked at for each that begins.
class Naive {
 public:
  void add(const DueRotation& one, const RotationCaps& under) {
    waiting_.push_back({one, under});
    signers_.try_emplace(under.signer.text, RateLimiter(under.per_signer, start));
    requesters_.try_emplace(under.requester, RateLimiter(under.per_requester, start));
  }
  Names next(Timestamp now, std::size_t most) {
    Names begun;
    while (begun.size() < most) {
      const auto best = first(now);
      if (best == waiting_.end()) break;
      signers_.at(best->under.signer.text).pass(now);
      requesters_.at(best->under.requester).pass(now);
      in_flight_[best->one.stream.text] = best->under.signer.text;
      begun.push_back(best->one.stream.name());
      waiting_.erase(best);
    }
    return begun;
  }
  void finished(const StreamId& stream) { in_flight_.erase(stream.text); }

 private:
  struct Waiting {
    DueRotation one;
    RotationCaps under;
  };
  bool may_begin(const Waiting& w, Timestamp now) const {
    const auto busy = std::ranges::count_if(
        in_flight_, [&](const auto& entry) { return entry.second == w.under.signer.text; });
    return busy < w.under.in_flight && signers_.at(w.under.signer.text).next(now) == now &&
           requesters_.at(w.under.requester).next(now) == now;
  }
  std::vector<Waiting>::iterator first(Timestamp now) {
    auto best = waiting_.end();
    const auto key = [&](const Waiting& w) {
      return std::tuple(now >= w.one.not_after + seconds(1), w.one.not_after, w.one.due, w.one.stream.text);
    };
    for (auto w = waiting_.begin(); w != waiting_.end(); ++w) {
      if (may_begin(*w, now) && (best == waiting_.end() || key(*w) < key(*best))) best = w;
    }
    return best;
  }

  std::vector<Waiting> waiting_;
  std::map<std::string, RateLimiter> signers_, requesters_;
  std::map<std::string, std::string> in_flight_;
};

RotationCaps drawn_caps() {
  static const char* const signers[] = {"example.com/web", "example.com/mail"};
  static const char* const requesters[] = {"jane", "carol", "dave"};
  const auto signer = *rc::gen::inRange(0, 2);
  const auto requester = *rc::gen::inRange(0, 3);
  RotationCaps under = caps(signers[signer], requesters[requester]);
  under.per_signer = {.limit = 2 + signer, .burst = 3};
  under.per_requester = {.limit = 1 + requester, .period = seconds(2), .burst = 1 + requester};
  under.in_flight = 6;
  return under;
}

}  // namespace

TEST_CASE("the queue begins what the rules say, one by one, and wakes exactly then") {
  CHECK(rc::check("against the naive rules", [] {
    RotationQueue queue(start);
    Naive naive;
    Timestamp now = start;
    Names in_flight;
    const auto steps = *rc::gen::inRange(1, 40);
    for (int step = 0; step < steps; ++step) {
      const auto added = *rc::gen::inRange(0, 6);
      for (int i = 0; i < added; ++i) {
        const DueRotation one = rotation("n" + std::to_string(step * 10 + i),
                                         milliseconds(*rc::gen::inRange<std::int64_t>(-2'000, 15'000)));
        const RotationCaps under = drawn_caps();
        RC_ASSERT(queue.add(one, under));
        naive.add(one, under);
      }
      if (!in_flight.empty() && *rc::gen::arbitrary<bool>()) {
        const auto index =
            static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(in_flight.size())));
        queue.finished(csr_stream(in_flight[index]));
        naive.finished(csr_stream(in_flight[index]));
        in_flight.erase(in_flight.begin() + static_cast<std::ptrdiff_t>(index));
      }
      now = now + milliseconds(*rc::gen::inRange<std::int64_t>(0, 900));
      const auto wake = queue.wake(now);
      if (wake && *rc::gen::arbitrary<bool>()) {
        RC_ASSERT(*wake >= now);
        if (*wake > now) RC_ASSERT(naive.next(*wake - Duration{1}, 1).empty());
        now = *wake;
      }
      const Names begun = names(queue.next(now, static_cast<std::size_t>(*rc::gen::inRange(1, 8))));
      RC_ASSERT(begun == naive.next(now, begun.size()));
      RC_ASSERT((!wake || now < *wake || !begun.empty()));
      in_flight.insert(in_flight.end(), begun.begin(), begun.end());
      if (!wake) RC_ASSERT((begun.empty() && naive.next(now, 1).empty()));
    }
  }));
}

TEST_CASE("in no closed interval more of a key begin than its burst and what its rate gives") {
  std::mt19937_64 random(20260308);
  RotationQueue queue(start);
  const RateCap signer_cap{.limit = 40, .burst = 10}, requester_cap{.limit = 15, .burst = 4};
  std::map<std::string, std::string> requester_of;
  for (int i = 0; i < 3'000; ++i) {
    const DueRotation one =
        rotation("n" + std::to_string(i), seconds(static_cast<std::int64_t>(random() % 900)));
    RotationCaps under = caps("example.com/web", i % 7 == 0 ? "carol" : i % 3 == 0 ? "dave" : "jane");
    under.per_signer = signer_cap;
    under.per_requester = requester_cap;
    under.in_flight = 5'000;
    requester_of[one.stream.name()] = under.requester;
    REQUIRE(queue.add(one, under));
  }
  std::map<std::string, std::vector<std::int64_t>> begun;
  Timestamp now = start;
  while (queue.waiting() > 0) {
    for (const DueRotation& one : queue.next(now, 16)) {
      begun["signer"].push_back(now.microseconds);
      begun[requester_of.at(one.stream.name())].push_back(now.microseconds);
    }
    // Sometimes at the first moment possible, sometimes after a pause in which nothing may be saved up.
    const auto wake = queue.wake(now);
    if (wake) now = std::max(*wake, now);
    if (random() % 50 == 0) now = now + milliseconds(static_cast<std::int64_t>(random() % 3'000));
  }
  REQUIRE(begun.at("signer").size() == 3'000);
  for (const auto& [key, times] : begun) {
    const RateCap& cap = key == "signer" ? signer_cap : requester_cap;
    const std::int64_t spacing = cap.period.microseconds / cap.limit;
    for (std::size_t from = 0; from < times.size(); from += 7) {
      for (std::size_t to = from; to < times.size(); to += 3) {
        const auto many = static_cast<std::int64_t>(to - from + 1);
        if (many > cap.burst + (times[to] - times[from]) / spacing) FAIL("too many of " << key);
      }
    }
  }
}

TEST_CASE("texts that are dropped give their memory to later ones") {
  TextPool pool;
  std::vector<TextPool::Text> texts;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5'000; ++i) texts.push_back(pool.put("csr/web-" + std::to_string(i)));
    for (int i = 0; i < 5'000; ++i) {
      if (pool[texts[static_cast<std::size_t>(i)]] != "csr/web-" + std::to_string(i)) FAIL("another text");
    }
    const std::uint32_t highest = std::ranges::max(texts, {}, &TextPool::Text::chunk).chunk;
    CHECK(highest <= 5'000 * 12 / TextPool::chunk_bytes + 1);
    for (const TextPool::Text text : texts) pool.drop(text);
    texts.clear();
  }
  CHECK(pool[pool.put("")].empty());
  CHECK_THROWS_AS(pool.put(std::string(TextPool::chunk_bytes + 1, 'a')), std::length_error);
}
