// Queues of several owners, served in turn: who has much waiting delays nobody who has little.
#pragma once

#include <algorithm>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

namespace csrflow::api {

/// First in, first out for each owner; the owners take turns, one entry each. Not thread-safe.
template <class T>
class RoundRobin {
 public:
  void add(const std::string& owner, T entry) {
    auto [found, fresh] = queues_.try_emplace(owner);
    if (fresh) found->second.turn = turns_.insert(turns_.end(), owner);
    found->second.entries.push_back(std::move(entry));
    ++size_;
  }

  /// The next entry of the owner whose turn it is; nothing when nothing waits.
  std::optional<T> take() {
    if (turns_.empty()) return std::nullopt;
    const auto found = queues_.find(turns_.front());
    auto& entries = found->second.entries;
    std::optional<T> taken(std::move(entries.front()));
    entries.pop_front();
    --size_;
    turns_.splice(turns_.end(), turns_, turns_.begin());
    forget_if_empty(found);
    return taken;
  }

  /// Takes out the owner's first entry that `is_it`; false when there is none.
  template <class Predicate>
  bool remove(const std::string& owner, Predicate is_it) {
    const auto found = queues_.find(owner);
    if (found == queues_.end()) return false;
    auto& entries = found->second.entries;
    const auto entry = std::ranges::find_if(entries, is_it);
    if (entry == entries.end()) return false;
    entries.erase(entry);
    --size_;
    forget_if_empty(found);
    return true;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::size_t size_of(const std::string& owner) const {
    const auto found = queues_.find(owner);
    return found == queues_.end() ? 0 : found->second.entries.size();
  }

 private:
  struct Queue {
    std::deque<T> entries;                    // never empty
    std::list<std::string>::iterator turn{};  // its place in turns_
  };
  using Queues = std::unordered_map<std::string, Queue>;

  void forget_if_empty(typename Queues::iterator queue) {
    if (!queue->second.entries.empty()) return;
    turns_.erase(queue->second.turn);
    queues_.erase(queue);
  }

  Queues queues_;
  std::list<std::string> turns_;  // each owner with something waiting once; the front is next
  std::size_t size_ = 0;
};

}  // namespace csrflow::api
