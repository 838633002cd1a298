#include <algorithm>

#include "policies/attributes.hpp"
#include "policies/judging.hpp"
#include "policies/unicode.hpp"

namespace csrflow::policies {
namespace {

bool covers(const DnsPattern& pattern, const Name& name) {
  return pattern.covers(name.value);
}
bool covers(const IpRange& range, const Name& name) {
  return range.covers(name.ip);
}
bool covers(const EmailPattern& pattern, const Name& name) {
  return pattern.covers(name.value);
}
bool covers(const UriPattern& pattern, const Name& name) {
  return pattern.covers(name.value);
}
bool overlaps(const DnsPattern& pattern, const Name& name) {
  return pattern.overlaps(name.value);
}
template <class Pattern>
bool overlaps(const Pattern& pattern, const Name& name) {
  return covers(pattern, name);  // a name of this kind is one value
}

template <class Test>
void fail_each(Judging& judging, NameKind kind, Constraint constraint, Test test) {
  const auto& names = judging.facts.names;
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (names[i].kind == kind && test(names[i])) judging.fail(constraint, i);
  }
}

/// `first`: the constraint `allowed` of this kind; the others follow it.
struct Constraints {
  Constraint allowed, denied, min, max;
};

template <class Pattern>
void judge_lists(Judging& judging, NameKind kind, const NameRule<Pattern>& rule, const Constraints& c) {
  fail_each(judging, kind, c.allowed, [&](const Name& name) {
    ++judging.steps;
    if (name.malformed) return true;
    if (!rule.allowed) return false;
    judging.steps += rule.allowed->size();
    return std::ranges::none_of(*rule.allowed, [&](const Pattern& p) { return covers(p, name); });
  });
  if (rule.denied.empty()) return;
  fail_each(judging, kind, c.denied, [&](const Name& name) {
    judging.steps += rule.denied.size();
    return !name.malformed &&
           std::ranges::any_of(rule.denied, [&](const Pattern& p) { return overlaps(p, name); });
  });
}

template <class Pattern>
void judge_counts(Judging& judging, NameKind kind, const NameRule<Pattern>& rule, const Constraints& c) {
  const auto count = std::ranges::count(judging.facts.names, kind, &Name::kind);
  if (count < rule.min) judging.fail(c.min);
  if (rule.max && count > *rule.max) judging.fail(c.max);
}

template <class Pattern>
void judge_kind(Judging& judging, NameKind kind, const std::optional<NameRule<Pattern>>& rule,
                const Constraints& c) {
  if (!rule) return;
  judge_lists(judging, kind, *rule, c);
  judge_counts(judging, kind, *rule, c);
}

void judge_dns(Judging& judging, const DnsRule& rule) {
  constexpr Constraints c{Constraint::dns_allowed, Constraint::dns_denied, Constraint::dns_min,
                          Constraint::dns_max};
  judge_lists(judging, NameKind::dns, rule, c);
  if (!rule.wildcards) {
    fail_each(judging, NameKind::dns, Constraint::dns_wildcards,
              [](const Name& name) { return name.value.starts_with('*'); });
  }
  judge_counts(judging, NameKind::dns, rule, c);
}

bool listed(const NamesRule& rule, NameKind kind) {
  switch (kind) {
    case NameKind::dns:
      return rule.dns.has_value();
    case NameKind::ip:
      return rule.ip.has_value();
    case NameKind::email:
      return rule.email.has_value();
    case NameKind::uri:
      return rule.uri.has_value();
    case NameKind::other:
    case NameKind::directory:
    case NameKind::registered_id:
      break;
  }
  return false;
}

void judge_common_name(Judging& judging) {
  const Facts& facts = judging.facts;
  for (std::uint32_t i = 0; i < facts.subject.size(); ++i) {
    if (facts.subject[i].oid != attribute_oid(AttributeKind::commonName)) continue;
    const auto wanted = name_in_common_name(facts.subject[i].value);
    judging.steps += facts.names.size() + 1;
    if (wanted && std::ranges::none_of(facts.names, [&](const Name& name) {
          return name.kind == wanted->kind && name.value == wanted->value;
        }))
      judging.fail(Constraint::names_common_name_in_san, i);
  }
}

void judge_same(Judging& judging, const NamesRule& rule) {
  const Facts& facts = judging.facts;
  const std::string& user = facts.requester.user;
  const auto names = [&](NameKind kind) {
    const std::string mine = name_of(kind, user).value;
    fail_each(judging, kind, Constraint::names_same_as_requester, [&](const Name& name) {
      return ++judging.steps, name.malformed || (name.value != mine && name.value != user);
    });
  };
  for (const SameName same : rule.same_as_requester) {
    if (same == SameName::email) names(NameKind::email);
    if (same == SameName::uri) names(NameKind::uri);
    if (same != SameName::commonName) continue;
    const std::string mine = nfc(user);
    for (std::uint32_t i = 0; i < facts.subject.size(); ++i) {
      ++judging.steps;
      if (facts.subject[i].oid == attribute_oid(AttributeKind::commonName) && facts.subject[i].value != mine)
        judging.fail(Constraint::names_same_as_requester, i, 1);
    }
  }
}

}  // namespace

std::optional<Name> name_in_common_name(const std::string& common_name) {
  if (Name address = name_of(NameKind::ip, common_name); !address.malformed) return address;
  if (common_name.find('.') == std::string::npos) return std::nullopt;
  Name name = name_of(NameKind::dns, common_name);
  if (name.malformed) return std::nullopt;
  return name;
}

void judge_names(Judging& judging) {
  if (!judging.policy.require.names) return;
  const NamesRule& rule = *judging.policy.require.names;
  const auto& names = judging.facts.names;
  judging.steps += names.size() + 1;
  if (rule.dns) judge_dns(judging, *rule.dns);
  judge_kind(judging, NameKind::ip, rule.ip,
             {Constraint::ip_allowed, Constraint::ip_denied, Constraint::ip_min, Constraint::ip_max});
  judge_kind(
      judging, NameKind::email, rule.email,
      {Constraint::email_allowed, Constraint::email_denied, Constraint::email_min, Constraint::email_max});
  judge_kind(judging, NameKind::uri, rule.uri,
             {Constraint::uri_allowed, Constraint::uri_denied, Constraint::uri_min, Constraint::uri_max});
  if (rule.unlisted == Unlisted::none) {
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      if (!listed(rule, names[i].kind)) judging.fail(Constraint::names_unlisted, i);
    }
  }
  const auto count = static_cast<std::int64_t>(names.size());
  if (count < rule.min) judging.fail(Constraint::names_min);
  if (rule.max && count > *rule.max) judging.fail(Constraint::names_max);
  if (rule.common_name_in_san) judge_common_name(judging);
  judge_same(judging, rule);
}

}  // namespace csrflow::policies
