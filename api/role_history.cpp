#include "api/role_history.hpp"

#include <algorithm>
#include <tuple>

#include "api/authentication.hpp"
#include "engine/streams.hpp"

namespace csrflow::api {

RoleHistory::RoleHistory(engine::EventReader& log) {
  for (const engine::StoredEvent& stored : log.category(rbac::category)) {
    const engine::Event event = engine::decode(stored);
    const auto* config = std::get_if<engine::ConfigEvent>(&event);
    if (config == nullptr) continue;
    Change change{stored.position,
                  stored.recorded_at,
                  stored.stream.name(),
                  nullptr,
                  nullptr,
                  stored.stream.collection() == rbac::role_streams};
    if (const auto* applied = std::get_if<engine::Applied>(config)) {
      if (change.is_role)
        change.role = std::make_shared<const ClusterRole>(read_cluster_role(applied->object));
      else
        change.binding =
            std::make_shared<const ClusterRoleBinding>(read_cluster_role_binding(applied->object));
    }
    changes_.push_back(std::move(change));
  }
  std::ranges::sort(changes_, {}, &Change::position);
}

std::shared_ptr<const RbacPolicy> RoleHistory::before(engine::Position position) const {
  const auto end = std::ranges::lower_bound(changes_, position, {}, &Change::position);
  return after_changes(static_cast<std::size_t>(end - changes_.begin()));
}

std::shared_ptr<const RbacPolicy> RoleHistory::at(engine::Timestamp instant) const {
  // The log's time never runs back.
  const auto end = std::ranges::upper_bound(changes_, instant, {}, &Change::at);
  return after_changes(static_cast<std::size_t>(end - changes_.begin()));
}

std::shared_ptr<const RbacPolicy> RoleHistory::after_changes(std::size_t count) const {
  const std::lock_guard lock(mutex_);
  auto& made = made_[count];
  if (made) return made;
  RbacObjects objects;
  for (std::size_t i = 0; i < count; ++i) {
    const Change& change = changes_[i];
    const auto put = [&](auto& all, const auto& object) {
      if (object)
        all[change.name] = object;
      else
        all.erase(change.name);
    };
    change.is_role ? put(objects.roles, change.role) : put(objects.bindings, change.binding);
  }
  made = std::make_shared<const RbacPolicy>(std::move(objects),
                                            count == 0 ? engine::Position{} : changes_[count - 1].position);
  return made;
}

namespace {

Attributes on_signer(const std::string& verb, const std::string& name) {
  return {.verb = verb,
          .group = "certificates.k8s.io",
          .resource = "signers",
          .subresource = {},
          .name = name,
          .namespace_name = {},
          .path = {}};
}

bool any_allows(const PolicyRules& rules, const Attributes& asked) {
  return std::ranges::any_of(rules, [&](const PolicyRule& rule) { return allows(rule, asked); });
}

/// The first of the selected roles that has it; empty when the role is no aggregate.
std::string source_of(const ClusterRole& role, const RbacPolicy& policy, const Attributes& asked) {
  if (!role.aggregation) return {};
  for (const auto& [name, other] : policy.objects().roles) {
    if (other->name == role.name || !any_allows(other->rules, asked)) continue;
    if (std::ranges::any_of(*role.aggregation,
                            [&](const LabelTerms& terms) { return terms.matches(other->labels); }))
      return name;
  }
  return {};
}

std::string domain_of(const std::string& signer_name) {
  return signer_name.substr(0, signer_name.find('/')) + "/*";
}

}  // namespace

std::vector<Grant> who_may(const RbacPolicy& policy, const std::string& verb,
                           const std::string& signer_name) {
  std::vector<Grant> grants;
  grants.push_back({.kind = "Group",
                    .name = std::string(group::masters),
                    .verb = verb,
                    .signer_name = signer_name,
                    .binding = {},
                    .role = {},
                    .aggregated_from = {}});
  const std::string domain = domain_of(signer_name);
  for (const auto& [name, binding] : policy.objects().bindings) {
    const ClusterRole* role = policy.role(binding->role.name);
    if (role == nullptr) continue;
    for (const std::string& about : {signer_name, domain}) {
      const Attributes asked = on_signer(verb, about);
      if (!any_allows(role->rules, asked)) continue;
      const std::string source = source_of(*role, policy, asked);
      for (const Subject& subject : binding->subjects) {
        const bool account = subject.kind == "ServiceAccount";
        if (account && subject.namespace_name.empty()) continue;  // nobody
        grants.push_back({.kind = subject.kind,
                          .name = account ? subject.namespace_name + '/' + subject.name : subject.name,
                          .verb = verb,
                          .signer_name = about,
                          .binding = name,
                          .role = role->name,
                          .aggregated_from = source});
      }
      break;  // that it has the whole domain, too, says nothing more
    }
  }
  std::ranges::stable_sort(grants, {}, [](const Grant& grant) { return std::tie(grant.kind, grant.name); });
  return grants;
}

bool may(const RbacPolicy& policy, const engine::Identity& user, const std::string& verb,
         const std::string& signer_name) {
  return user.in_group(group::masters) || policy.decide(user, on_signer(verb, signer_name)).allowed ||
         policy.decide(user, on_signer(verb, domain_of(signer_name))).allowed;
}

}  // namespace csrflow::api
