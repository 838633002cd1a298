#include "api/aggregation.hpp"

#include <algorithm>

namespace csrflow::api {
namespace {

const engine::ConfigState* state_of(const engine::State& state) {
  return std::get_if<engine::ConfigState>(&state);
}

}  // namespace

PolicyRules aggregated_rules(const ClusterRole& role, const RbacObjects& objects) {
  PolicyRules rules;
  // By selector, then by name, as Kubernetes' controller: the order shows in the object.
  for (const LabelTerms& terms : *role.aggregation)
    for (const auto& [name, other] : objects.roles) {
      if (name == role.name || !terms.matches(other->labels)) continue;
      for (const PolicyRule& rule : other->rules)
        if (std::ranges::find(rules, rule) == rules.end()) rules.push_back(rule);
    }
  return rules;
}

Aggregator::Aggregator(const RoleBook& book, engine::EventReader& reader, Submit submit)
    : book_(book), submit_(std::move(submit)) {
  for (const auto& [name, role] : book_.current()->objects().roles) {
    if (!role->aggregation) continue;
    const auto stream = engine::stream_of(rbac::role_streams, name);
    const auto state = engine::fold(stream, reader.stream(stream));
    const auto* config = state_of(state);
    if (config && config->object)
      aggregated_[name] = {.stream = stream, .object = *config->object, .version = config->resource_version};
  }
}

void Aggregator::committed(const std::shared_ptr<const engine::Batch>& batch) {
  bool roles_changed = false;
  for (const auto& record : *batch) roles_changed = note(record) || roles_changed;
  if (!roles_changed) return;
  if (auto wanted = corrections(); !wanted.empty()) submit_(std::move(wanted));
}

/// Is it about a role?
bool Aggregator::note(const engine::Record& record) {
  if (record.stamp.stream.collection() != rbac::role_streams) return false;
  const auto* after = state_of(*record.after);
  const auto name = record.stamp.stream.name();
  if (after && after->object && read_cluster_role(*after->object).aggregation) {
    aggregated_[name] = {
        .stream = record.stamp.stream, .object = *after->object, .version = after->resource_version};
  } else {
    aggregated_.erase(name);
  }
  return true;
}

/// A correction that comes too late is refused as a conflict, and what overtook it leads to the next one.
std::vector<engine::Submission> Aggregator::corrections() const {
  std::vector<engine::Submission> wanted;
  const auto policy = book_.current();
  for (const auto& [name, held] : aggregated_) {
    const ClusterRole* role = policy->role(name);
    if (!role || held.object.meta.deletion) continue;
    ClusterRole corrected = *role;
    corrected.rules = aggregated_rules(*role, policy->objects());
    if (corrected.rules == role->rules) continue;
    engine::PutConfig command{.base = held.version, .kind = "ClusterRole", .hash = {}, .object = held.object};
    command.object.body = body_of(corrected);
    command.hash = hash_of(command.object.body);
    engine::Submission submission;
    submission.stream = held.stream;
    submission.command = engine::Command(engine::ConfigCommand(std::move(command)));
    submission.context.actor = engine::system_actor("aggregation");
    submission.done = [](const auto&) {};
    wanted.push_back(std::move(submission));
  }
  return wanted;
}

}  // namespace csrflow::api
