#include "api/rbac_policy.hpp"

#include <algorithm>

#include "api/status.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view service_account_prefix = "system:serviceaccount:";

/// How a service account logs in; empty when the subject names none.
std::string service_account_user(const Subject& subject) {
  if (subject.namespace_name.empty()) return {};
  return std::string(service_account_prefix) + subject.namespace_name + ':' + subject.name;
}

bool means(const Subject& subject, const engine::Identity& user) {
  if (subject.kind == "User") return subject.name == user.user;
  if (subject.kind == "Group") return user.in_group(subject.name);
  return subject.kind == "ServiceAccount" && !subject.namespace_name.empty() &&
         service_account_user(subject) == user.user;
}

std::string describe(const Subject& subject) {
  const bool account = subject.kind == "ServiceAccount";
  return subject.kind + ' ' + go_quote(account ? subject.name + '/' + subject.namespace_name : subject.name);
}

std::string describe(const ClusterRoleBinding& binding, const engine::Identity& user) {
  const auto subject =
      std::ranges::find_if(binding.subjects, [&](const Subject& one) { return means(one, user); });
  return "ClusterRoleBinding " + go_quote(binding.name) + " of " + binding.role.kind + ' ' +
         go_quote(binding.role.name) + (subject == binding.subjects.end() ? "" : " to " + describe(*subject));
}

/// Kubernetes' aggregate: one as it is, several in brackets, each once.
class Problems {
 public:
  void role_missing(const std::string& name) {
    auto text =
        GroupName{std::string(rbac::group), "clusterrole"}.text() + ' ' + go_quote(name) + " not found";
    if (std::ranges::find(texts_, text) == texts_.end()) texts_.push_back(std::move(text));
  }
  std::string text() const {
    if (texts_.empty()) return {};
    if (texts_.size() == 1) return texts_.front();
    std::string all = "[";
    for (const auto& one : texts_) all.append(all.size() > 1 ? ", " : "").append(one);
    return all + ']';
  }

 private:
  std::vector<std::string> texts_;
};

}  // namespace

RbacPolicy::RbacPolicy(RbacObjects objects, engine::Position position)
    : objects_(std::move(objects)), position_(position) {
  for (const auto& [name, binding] : objects_.bindings) add(*binding);
}

void RbacPolicy::add(const ClusterRoleBinding& binding) {
  const auto put = [&](std::vector<const ClusterRoleBinding*>& list) {
    if (list.empty() || list.back() != &binding) list.push_back(&binding);
  };
  for (const auto& subject : binding.subjects) {
    if (subject.kind == "User") put(by_user_[subject.name]);
    if (subject.kind == "Group") put(by_group_[subject.name]);
    if (subject.kind == "ServiceAccount" && !subject.namespace_name.empty())
      put(by_user_[service_account_user(subject)]);
  }
}

std::vector<const ClusterRoleBinding*> RbacPolicy::bindings_of(const engine::Identity& user) const {
  std::vector<const ClusterRoleBinding*> found;
  const auto take = [&](const auto& index, const std::string& key) {
    if (const auto it = index.find(key); it != index.end())
      found.insert(found.end(), it->second.begin(), it->second.end());
  };
  take(by_user_, user.user);
  for (const auto& group : user.groups) take(by_group_, group);
  std::ranges::sort(found, {}, [](const ClusterRoleBinding* one) -> const std::string& { return one->name; });
  const auto again = std::ranges::unique(found);
  found.erase(again.begin(), again.end());
  return found;
}

RbacPolicy::Verdict RbacPolicy::decide(const engine::Identity& user, const Attributes& asked) const {
  Problems problems;
  for (const ClusterRoleBinding* binding : bindings_of(user)) {
    const ClusterRole* found = role(binding->role.name);
    if (!found) {
      problems.role_missing(binding->role.name);
      continue;
    }
    if (std::ranges::any_of(found->rules, [&](const PolicyRule& rule) { return allows(rule, asked); }))
      return {.allowed = true, .reason = "RBAC: allowed by " + describe(*binding, user)};
  }
  const auto problem = problems.text();
  return {.allowed = false, .reason = problem.empty() ? "" : "RBAC: " + problem};
}

RbacPolicy::Rules RbacPolicy::rules_of(const engine::Identity& user) const {
  Rules all;
  Problems problems;
  for (const ClusterRoleBinding* binding : bindings_of(user)) {
    if (const ClusterRole* found = role(binding->role.name)) {
      all.rules.insert(all.rules.end(), found->rules.begin(), found->rules.end());
    } else {
      problems.role_missing(binding->role.name);
    }
  }
  all.problem = problems.text();
  return all;
}

const ClusterRole* RbacPolicy::role(std::string_view name) const {
  const auto found = objects_.roles.find(name);
  return found == objects_.roles.end() ? nullptr : found->second.get();
}

}  // namespace csrflow::api
