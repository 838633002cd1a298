#include "engine/cached_request_reader.hpp"

namespace csrflow::engine {

CachedRequestReader::CachedRequestReader(const RequestReader& reader, std::size_t limit)
    : reader_(reader), limit_(limit) {}

std::expected<RequestDescription, std::string> CachedRequestReader::describe(const Bytes& pem) const {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = index_.find(pem); found != index_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return found->second->description;
    }
  }
  auto description = reader_.describe(pem);
  const std::scoped_lock lock(mutex_);
  if (index_.contains(pem)) return description;
  recent_.push_front({pem, description});
  index_.emplace(recent_.front().pem, recent_.begin());
  if (recent_.size() > limit_) {
    index_.erase(recent_.back().pem);
    recent_.pop_back();
  }
  return description;
}

}  // namespace csrflow::engine
