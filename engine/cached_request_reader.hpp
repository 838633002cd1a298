// Reads each PKCS#10 once, though the policies, the views and the history each ask for it.
#pragma once

#include <list>
#include <mutex>
#include <unordered_map>

#include "engine/request_description.hpp"

namespace csrflow::engine {

/// Thread-safe. Least recently asked ones go first.
class CachedRequestReader final : public RequestReader {
 public:
  static constexpr std::size_t default_limit = 1024;
  /// `reader` outlives it.
  explicit CachedRequestReader(const RequestReader& reader, std::size_t limit = default_limit);

  std::expected<RequestDescription, std::string> describe(const Bytes& pem) const override;

 private:
  struct Entry {
    Bytes pem;
    std::expected<RequestDescription, std::string> description;
  };
  const RequestReader& reader_;
  const std::size_t limit_;
  mutable std::mutex mutex_;
  mutable std::list<Entry> recent_;  // guarded by mutex_; most recently asked first
  // Guarded by mutex_; the keys are the entries' own bytes.
  mutable std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

}  // namespace csrflow::engine
