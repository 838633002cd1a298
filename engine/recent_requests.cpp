#include "engine/recent_requests.hpp"

#include <algorithm>

namespace csrflow::engine {
namespace {

template <class Entry>
void drop(std::unordered_map<std::string, std::deque<Entry>>& map, const std::string& key) {
  const auto found = map.find(key);
  found->second.pop_front();
  if (found->second.empty()) map.erase(found);
}

}  // namespace

bool tells_more(std::span<const KeyUse> earlier, const KeyUse& use) {
  if (earlier.empty()) return true;
  const KeyUse& first = earlier.front();
  const auto told = [&](auto member) {
    return use.*member == first.*member ||
           std::ranges::any_of(earlier, [&](const KeyUse& other) { return other.*member != first.*member; });
  };
  return !told(&KeyUse::user) || !told(&KeyUse::lineage);
}

std::string RecentRequests::key_of(const RequestGroup& group) {
  // No signer's name has a line break.
  return std::to_string(static_cast<int>(group.kind)) + group.signer_name + '\n' + group.member;
}

void RecentRequests::add(RequestTrace trace) {
  const Moment moment{trace.use.position, trace.use.recorded_at};
  if (!trace.counted) trace.groups.clear();
  for (const RequestGroup& group : trace.groups) groups_[key_of(group)].push_back(moment);
  if (!trace.spki_sha256.empty()) keys_[trace.spki_sha256].push_back(trace.use);
  lineages_.emplace(trace.use.uid.text, trace.use.lineage);
  traces_.push_back(std::move(trace));
}

void RecentRequests::forget(Position position) {
  while (!traces_.empty() && traces_.front().use.position <= position) {
    const RequestTrace& trace = traces_.front();
    for (const RequestGroup& group : trace.groups) drop(groups_, key_of(group));
    if (!trace.spki_sha256.empty()) drop(keys_, trace.spki_sha256);
    lineages_.erase(trace.use.uid.text);
    traces_.pop_front();
  }
}

std::uint64_t RecentRequests::count(const RequestGroup& group, const RequestSpan& span,
                                    Position after) const {
  const auto found = groups_.find(key_of(group));
  if (found == groups_.end()) return 0;
  return static_cast<std::uint64_t>(std::ranges::count_if(found->second, [&](const Moment& moment) {
    return moment.position > after && moment.position < span.before && moment.recorded_at > span.after &&
           moment.recorded_at <= span.until;
  }));
}

void RecentRequests::add_key_uses(std::vector<KeyUse>& uses, const std::string& spki_sha256, Position before,
                                  Position after) const {
  const auto found = keys_.find(spki_sha256);
  if (found == keys_.end()) return;
  for (const KeyUse& use : found->second)
    if (use.position > after && use.position < before && tells_more(uses, use)) uses.push_back(use);
}

std::optional<Uid> RecentRequests::lineage_of(const Uid& request) const {
  const auto found = lineages_.find(request.text);
  if (found == lineages_.end()) return std::nullopt;
  return found->second;
}

}  // namespace csrflow::engine
