#include "policies/policy_history.hpp"

#include <algorithm>

#include "policies/document.hpp"
#include "policies/policy_book.hpp"

namespace csrflow::policies {
namespace {

PolicyPtr version_in(const engine::Applied& applied, engine::Position position) {
  auto policy = read_policy_json(document_of(applied.object));
  if (policy) return std::move(*policy);
  throw engine::UnreadableEvent("the approval policy " + applied.object.meta.name + " of position " +
                                std::to_string(position.value) +
                                " cannot be read by this program: " + sentence(policy.error().front()));
}

}  // namespace

std::vector<PolicyChange> policy_history(engine::EventReader& log, engine::Position head) {
  std::vector<PolicyChange> changes;
  for (const engine::StoredEvent& stored : log.category(engine::policy_category)) {
    if (stored.position > head) continue;
    const engine::Event event = engine::decode(stored);
    const auto* config = std::get_if<engine::ConfigEvent>(&event);
    if (config == nullptr) continue;
    PolicyChange change{stored.position, stored.recorded_at, stored.stream.name(), nullptr};
    if (const auto* applied = std::get_if<engine::Applied>(config))
      change.policy = version_in(*applied, stored.position);
    changes.push_back(std::move(change));
  }
  std::ranges::sort(changes, {}, &PolicyChange::position);
  return changes;
}

}  // namespace csrflow::policies
