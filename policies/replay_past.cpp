#include "policies/replay_past.hpp"

#include <algorithm>
#include <cstring>

#include "engine/recent_requests.hpp"

namespace csrflow::policies {
namespace {

constexpr std::size_t rows_a_read = 4096;

}  // namespace

std::size_t ReplayPast::HashOfKey::operator()(const engine::GroupKey& key) const {
  std::size_t start = 0;  // the key is a hash
  std::memcpy(&start, key.data(), sizeof start);
  return start;
}

ReplayPast::ReplayPast(engine::PastSource& source, const PolicyEras& eras, const std::stop_token& stop)
    : source_(source), eras_(eras), needs_(needs_of(eras)) {
  if (!needs_.predecessors) return;
  source_.rewind();
  for (auto rows = source_.next(rows_a_read); !rows.empty() && !stop.stop_requested();
       rows = source_.next(rows_a_read))
    for (const engine::PastRow& row : rows) {
      if (!row.is_made()) continue;
      if (auto name = engine::counted(row).predecessor; !name.empty()) named_.insert(std::move(name));
    }
}

const ReplayPast::Windows& ReplayPast::windows(const std::string& signer_name) {
  const auto [found, first] = windows_.try_emplace(signer_name);
  if (first)
    for (const PolicyEra& era : eras_.all())
      for (const PolicySet* set : {era.then.get(), era.replayed.get()})
        for (const auto& window : set->rates(signer_name))
          if (std::ranges::find(found->second, window) == found->second.end())
            found->second.push_back(window);
  return found->second;
}

PastOfRequest ReplayPast::add_request(const engine::PastRow& row) {
  PastOfRequest past;
  if (!needs_.rates && !needs_.key_uses && !needs_.predecessors) return past;
  const engine::Counted head = engine::counted(row);
  if (needs_.rates) count(head, row.recorded_at, past);
  if (needs_.key_uses) use_key(head, past);
  if (needs_.predecessors) follow(head, row, past);
  return past;
}

void ReplayPast::count(const engine::Counted& head, engine::Timestamp at, PastOfRequest& past) {
  for (std::size_t i = 0; i < head.groups.size(); ++i) {
    const RateKind kind = i == 0   ? RateKind::per_requester
                          : i == 1 ? RateKind::per_signer
                                   : RateKind::per_name;
    std::vector<std::int64_t>* times = nullptr;
    for (const auto& window : windows(head.signer_name)) {
      if (window.kind != kind) continue;
      if (times == nullptr) times = &groups_[head.groups[i]];
      const auto after = std::ranges::upper_bound(*times, (at - window.period).microseconds);
      past.counts.push_back({i, window.period, static_cast<std::uint64_t>(times->end() - after)});
    }
    if (times != nullptr && head.counted) times->push_back(at.microseconds);
  }
}

void ReplayPast::use_key(const engine::Counted& head, PastOfRequest& past) {
  if (head.spki_sha256.empty()) return;
  auto& uses = keys_[head.spki_sha256];
  past.key_uses = uses;
  if (engine::tells_more(uses, head.use)) uses.push_back(head.use);
}

void ReplayPast::follow(const engine::Counted& head, const engine::PastRow& row, PastOfRequest& past) {
  if (!head.predecessor.empty())
    if (const auto found = followed_.find(head.predecessor);
        found != followed_.end() && !found->second->deleted) {
      auto as_of_now = std::make_shared<NamedRequest>(*found->second);
      auto certificate = source_.certificate(head.predecessor, engine::counted(as_of_now->made).use.uid);
      if (certificate && certificate->signed_at < row.position)
        as_of_now->certificate = std::move(certificate);
      past.predecessor = std::move(as_of_now);
    }
  if (!named_.contains(head.use.request)) return;
  auto named = std::make_shared<NamedRequest>();
  named->made = row;
  if (const auto before = followed_.find(head.use.request); before != followed_.end())
    by_position_.erase(before->second->made.position.value);
  by_position_[row.position.value] = named;
  followed_[head.use.request] = std::move(named);
}

void ReplayPast::add_step(const engine::PastRow& row) {
  const auto found = by_position_.find(row.request.value);
  if (found == by_position_.end()) return;
  if (engine::request_step(row).kind == engine::RequestStep::Kind::ended)
    found->second->deleted = true;
  else
    found->second->steps.push_back(row);
}

}  // namespace csrflow::policies
