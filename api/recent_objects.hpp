// The newest states of objects that changed lately, so that a fresh object needs no database and no parsing.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "api/http.hpp"
#include "engine/record.hpp"

namespace csrflow::api {

struct RecentLimits {
  std::size_t objects = 8192;
  std::size_t tail_bytes = 32 * 1024 * 1024;  ///< of all tails together
};

/// An object as its last event left it.
struct RecentObject {
  std::shared_ptr<const engine::State> state;  ///< without an object when it was deleted
  SharedBytes tail;                            ///< object_json.hpp; null when it was deleted
};

/// Thread-safe. What is in here is the newest that was committed: every commit that touches a stream renews
/// or adds it.
class RecentObjects final : public engine::Follower {
 public:
  explicit RecentObjects(RecentLimits limits = {}) : limits_(limits) {}

  void committed(const std::shared_ptr<const engine::Batch>&) override;
  /// Nothing when it has not changed lately: ask the views.
  std::optional<RecentObject> find(const engine::StreamId&);

 private:
  struct Entry {
    std::string stream;
    RecentObject object;
  };
  void take(const engine::Record&);
  void drop_oldest();

  const RecentLimits limits_;
  std::mutex mutex_;        // guards all below
  std::list<Entry> order_;  // used last comes first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
  std::size_t tail_bytes_ = 0;
};

}  // namespace csrflow::api
