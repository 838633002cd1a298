#include "policies/policy_book.hpp"

#include "engine/streams.hpp"
#include "policies/document.hpp"

namespace csrflow::policies {

PolicyBook::PolicyBook(engine::EventReader& log) {
  std::map<std::string, std::vector<engine::StoredEvent>> streams;
  for (engine::StoredEvent& event : log.category(engine::policy_category))
    streams[event.stream.text].push_back(std::move(event));
  for (const auto& [stream, events] : streams) {
    const engine::State folded = engine::fold({stream}, events);
    if (const auto* state = std::get_if<engine::ConfigState>(&folded)) take(*state, {stream});
  }
  publish();
}

void PolicyBook::take(const engine::ConfigState& state, const engine::StreamId& stream) {
  if (!state.object) {
    policies_.erase(stream.name());
    return;
  }
  auto policy = read_policy_json(document_of(*state.object));
  if (!policy)
    throw engine::UnreadableEvent("the approval policy " + stream.name() +
                                  " cannot be read by this program, and nothing is decided without it: " +
                                  sentence(policy.error().front()) + "; use a newer csrflow");
  policies_[stream.name()] = std::move(*policy);
}

void PolicyBook::publish() {
  std::vector<PolicyPtr> all;
  all.reserve(policies_.size());
  for (const auto& [name, policy] : policies_) all.push_back(policy);
  auto set = std::make_shared<const PolicySet>(std::move(all));
  const std::lock_guard lock(mutex_);
  current_ = std::move(set);
}

void PolicyBook::committed(const std::shared_ptr<const engine::Batch>& batch) {
  bool changed = false;
  for (const engine::Record& record : *batch) {
    if (record.stamp.stream.category() != engine::policy_category) continue;
    if (const auto* state = std::get_if<engine::ConfigState>(record.after.get())) {
      take(*state, record.stamp.stream);
      changed = true;
    }
  }
  if (changed) publish();
}

std::shared_ptr<const PolicySet> PolicyBook::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace csrflow::policies
