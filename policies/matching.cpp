// Is a request under a policy at all?
#include "policies/matching.hpp"

#include <algorithm>

#include "policies/judging.hpp"

namespace csrflow::policies {
namespace {

bool contains(const Strings& list, std::string_view value, std::uint64_t& steps) {
  steps += list.size();
  return std::ranges::find(list, value) != list.end();
}
bool common(const Strings& a, const Strings& b, std::uint64_t& steps) {
  return std::ranges::any_of(a, [&](const std::string& value) { return contains(b, value, steps); });
}

bool by_fits(AuthenticatedBy wanted, engine::Authentication by) {
  switch (wanted) {
    case AuthenticatedBy::clientCertificate:
      return by == engine::Authentication::x509;
    case AuthenticatedBy::token:
      return by == engine::Authentication::token;
    case AuthenticatedBy::oidc:
      return by == engine::Authentication::oidc;
    case AuthenticatedBy::anonymous:
      return by == engine::Authentication::anonymous;
  }
  return false;
}

}  // namespace

bool fits(const Requesters& wanted, const Requester& requester, std::uint64_t& steps) {
  if (contains(wanted.not_users, requester.user, steps) || common(requester.groups, wanted.not_groups, steps))
    return false;
  if (wanted.authenticated_by && std::ranges::none_of(*wanted.authenticated_by, [&](AuthenticatedBy by) {
        return by_fits(by, requester.by);
      }))
    return false;
  if (!wanted.users && !wanted.groups && !wanted.users_match) return true;
  if (wanted.users && contains(*wanted.users, requester.user, steps)) return true;
  if (wanted.groups && common(requester.groups, *wanted.groups, steps)) return true;
  if (!wanted.users_match) return false;
  steps += static_cast<std::uint64_t>(wanted.users_match->program_size()) * (requester.user.size() + 1);
  return wanted.users_match->matches(requester.user);
}

namespace {

bool label_fits(const LabelExpression& expression, const engine::StringMap& labels, std::uint64_t& steps) {
  const auto found = labels.find(expression.key);
  const bool there = found != labels.end();
  switch (expression.op) {
    case LabelOperator::Exists:
      return there;
    case LabelOperator::DoesNotExist:
      return !there;
    case LabelOperator::In:
      return there && contains(expression.values, found->second, steps);
    case LabelOperator::NotIn:
      return !there || !contains(expression.values, found->second, steps);
  }
  return false;
}

}  // namespace

bool fits(const LabelSelector& selector, const engine::StringMap& labels, std::uint64_t& steps) {
  return std::ranges::all_of(selector.match_labels,
                             [&](const auto& wanted) {
                               ++steps;
                               const auto found = labels.find(wanted.first);
                               return found != labels.end() && found->second == wanted.second;
                             }) &&
         std::ranges::all_of(selector.match_expressions,
                             [&](const auto& wanted) { return ++steps, label_fits(wanted, labels, steps); });
}

namespace {

bool origin_fits(RequestedBy wanted, Origin origin) {
  switch (wanted) {
    case RequestedBy::any:
      return true;
    case RequestedBy::self:
      return origin == Origin::self;
    case RequestedBy::agent:
      return origin == Origin::agent;
    case RequestedBy::rotation:
      return origin == Origin::rotation;
  }
  return false;
}

}  // namespace

bool SignerPattern::covers(std::string_view signer_name) const {
  if (text == "*" || text == signer_name) return true;
  return text.ends_with("/*") && signer_name.size() >= text.size() &&
         signer_name.starts_with(std::string_view(text).substr(0, text.size() - 1));
}

bool matches(Judging& judging) {
  const Match& match = judging.policy.match;
  const Facts& facts = judging.facts;
  ++judging.steps;
  if (match.rotation != RotationMatch::any &&
      (match.rotation == RotationMatch::only) != facts.predecessor.has_value())
    return false;
  if (!origin_fits(match.requested_by, facts.origin)) return false;
  if (match.signer_names) {
    judging.steps += match.signer_names->size();
    if (std::ranges::none_of(*match.signer_names,
                             [&](const SignerPattern& p) { return p.covers(facts.signer_name); }))
      return false;
  }
  return fits(match.requesters, facts.requester, judging.steps) &&
         fits(match.labels, facts.labels, judging.steps);
}

}  // namespace csrflow::policies
