// Who fills which place of a review.
#include <algorithm>
#include <bitset>

#include "engine/person.hpp"
#include "policies/judging.hpp"

namespace csrflow::policies {
namespace {

/// A matching of words to demands; a demand takes as many as it has places. Grows by augmenting paths (Kuhn),
/// so that in the end it is a largest one, and words are tried in the order in which they were spoken.
class Places {
 public:
  Places(const Facts& facts, const Review& review, std::uint64_t& steps)
      : filled(review.approvers.size()), facts_(facts), review_(review), steps_(steps) {}

  void add(std::uint32_t word) {
    tried_.reset();
    static_cast<void>(place(word));
  }
  bool complete() const {
    for (std::size_t i = 0; i < filled.size(); ++i) {
      if (std::ssize(filled[i].words) < review_.approvers[i].count) return false;
    }
    return true;
  }

  std::vector<Filled> filled;

 private:
  /// Depth at most the number of demands.
  bool place(std::uint32_t word) {
    for (std::size_t i = 0; i < filled.size(); ++i) {
      const Demand& demand = review_.approvers[i];
      if (tried_.test(i)) continue;
      steps_ += demand.users.size() + demand.groups.size() * facts_.words[word].groups.size() + 1;
      if (!fits(demand, facts_.words[word])) continue;
      tried_.set(i);
      auto& words = filled[i].words;
      if (std::ssize(words) < demand.count) {
        words.push_back(word);
        return true;
      }
      for (std::uint32_t& other : words) {
        // The other moves to another demand, if there is one; this one takes the place.
        if (place(other)) {
          other = word;
          return true;
        }
      }
    }
    return false;
  }

  const Facts& facts_;
  const Review& review_;
  std::uint64_t& steps_;
  std::bitset<max_demands> tried_;
};

engine::Person person(const Word& word) {
  return {word.user, word.credential};
}

bool is_last_word(const Facts& facts, std::size_t index) {
  const engine::Person speaker = person(facts.words[index]);
  return std::none_of(facts.words.begin() + static_cast<std::ptrdiff_t>(index) + 1, facts.words.end(),
                      [&](const Word& later) { return engine::same_person(person(later), speaker); });
}

}  // namespace

std::size_t Review::places() const {
  std::size_t total = 0;
  for (const Demand& demand : approvers) total += static_cast<std::size_t>(demand.count);
  return total;
}

bool fits(const Demand& demand, const Word& word) {
  return std::ranges::find(demand.users, word.user) != demand.users.end() ||
         std::ranges::any_of(demand.groups, [&](const std::string& group) {
           return std::ranges::find(word.groups, group) != word.groups.end();
         });
}

bool is_requester(const Facts& facts, const Word& word) {
  const Requester& requester = facts.requester;
  return engine::same_person({requester.user, requester.credential}, person(word)) ||
         (!requester.on_behalf_of.empty() && engine::same_person({requester.on_behalf_of, {}}, person(word)));
}

bool must_be_another(const Facts& facts, const Review& review, const Word& word) {
  if (review.separate_from_requester && is_requester(facts, word)) return true;
  return review.separate_from_predecessor && facts.predecessor &&
         std::ranges::find(facts.predecessor->deciders, word.user) != facts.predecessor->deciders.end();
}

void judge_review(const Facts& facts, const Review& review, PolicyResult& result, std::uint64_t& steps) {
  Places places(facts, review, steps);
  for (std::uint32_t i = 0; i < facts.words.size(); ++i) {
    const Word& word = facts.words[i];
    steps += facts.words.size();
    if (word.verdict != WordVerdict::approve || !is_last_word(facts, i)) continue;
    if (review.lapse && facts.at >= word.at + *review.lapse) continue;
    if (must_be_another(facts, review, word)) {
      result.may_not.push_back(i);
    } else {
      places.add(i);
    }
  }
  result.fulfilled = places.complete();
  result.demands = std::move(places.filled);
  result.timed_out = !result.fulfilled && review.give_up && facts.at >= facts.created_at + *review.give_up;
}

}  // namespace csrflow::policies
