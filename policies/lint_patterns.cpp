#include "policies/lint_patterns.hpp"

#include <algorithm>

#include "policies/attributes.hpp"

namespace csrflow::policies {
namespace {

std::string at(const std::string& path, std::size_t index) {
  return path + '[' + std::to_string(index) + ']';
}

/// Under which strangers register names: one label, or the usual second level of a country.
bool public_suffix(std::string_view base) {
  const auto dot = base.find('.');
  if (dot == std::string_view::npos) return true;
  constexpr std::string_view second_levels[] = {"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"};
  const std::string_view last = base.substr(dot + 1);
  return last.size() == 2 && std::ranges::find(second_levels, base.substr(0, dot)) != std::end(second_levels);
}

bool too_wide(const DnsPattern& pattern) {
  return pattern.any_depth() && public_suffix(pattern.base());
}
bool too_wide(const IpRange& range) {
  return range.prefix() == 0;
}
bool too_wide(const EmailPattern& pattern) {
  return too_wide(pattern.domain());
}
bool too_wide(const UriPattern& pattern) {
  const std::string_view text = pattern.text();
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view rest = text.substr(scheme + 3);
  const auto host = DnsPattern::parse(rest.substr(0, rest.find_first_of(":/?#")));
  return host && too_wide(*host);
}
bool too_wide(const Regex& regex) {
  return regex.text().starts_with(".*") || regex.text().starts_with("(.*") || regex.text().starts_with("^.*");
}

template <class Pattern>
void lint_width(const std::vector<Pattern>& patterns, const std::string& path, const Warn& warn) {
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (too_wide(patterns[i])) warn("W02", at(path, i), patterns[i].text() + " lets almost anything through");
  }
}

bool covers(const SignerPattern& pattern, const SignerPattern& other) {
  return pattern.covers(other.text);
}
template <class Pattern>
bool covers(const Pattern& pattern, const Pattern& other) {
  return pattern.covers(other);
}
const std::string& text_of(const SignerPattern& pattern) {
  return pattern.text;
}
template <class Pattern>
std::string text_of(const Pattern& pattern) {
  return pattern.text();
}

/// The later of two equal ones is the one too many.
template <class Pattern>
void lint_covered(const std::vector<Pattern>& patterns, const std::string& path, const Warn& warn) {
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    for (std::size_t j = 0; j < patterns.size(); ++j) {
      const bool redundant =
          i != j && covers(patterns[j], patterns[i]) && (!covers(patterns[i], patterns[j]) || j < i);
      if (!redundant) continue;
      warn("W06", at(path, i), text_of(patterns[i]) + " is covered by " + text_of(patterns[j]));
      break;
    }
  }
}

template <class Pattern>
void lint_rule(const NameRule<Pattern>& rule, const std::string& path, const Warn& warn) {
  lint_covered(rule.denied, path + ".denied", warn);
  if (!rule.allowed) return;
  lint_width(*rule.allowed, path + ".allowed", warn);
  lint_covered(*rule.allowed, path + ".allowed", warn);
  for (std::size_t i = 0; i < rule.allowed->size(); ++i) {
    for (const Pattern& denied : rule.denied) {
      if (denied.covers((*rule.allowed)[i]))
        warn("W05", at(path + ".allowed", i), (*rule.allowed)[i].text() + " is denied by " + denied.text());
    }
  }
}

void lint_literal(const Regex& regex, const std::string& path, const Warn& warn) {
  const bool literal = regex.text().find_first_of("\\^$.|?*+()[]{}") == std::string::npos;
  if (literal) warn("W07", path, "the expression is the text " + regex.text() + "; write it as one");
}

void lint_strings(const StringRule& rule, const std::string& path, const Warn& warn) {
  lint_width(rule.dns, path + ".values", warn);
  lint_width(rule.email, path + ".values", warn);
  lint_width(rule.regex, path + ".values", warn);
  lint_covered(rule.dns, path + ".values", warn);
  lint_covered(rule.email, path + ".values", warn);
  for (std::size_t i = 0; i < rule.regex.size(); ++i)
    lint_literal(rule.regex[i], at(path + ".values", i), warn);
  if (rule.match == StringMatch::glob) {
    for (std::size_t i = 0; i < rule.values.size(); ++i) {
      if (rule.values[i] == "*") warn("W02", at(path + ".values", i), "* lets anything through");
    }
  }
}

}  // namespace

void lint_patterns(const ApprovalPolicy& policy, const Warn& warn) {
  if (policy.match.signer_names) lint_covered(*policy.match.signer_names, "spec.match.signerNames", warn);
  if (const auto& regex = policy.match.requesters.users_match) {
    const std::string path = "spec.match.requesters.usersMatch";
    if (too_wide(*regex)) warn("W02", path, regex->text() + " lets almost anybody through");
    lint_literal(*regex, path, warn);
  }
  if (const auto& subject = policy.require.subject) {
    for (std::size_t kind = 0; kind < attribute_kinds; ++kind) {
      if (subject->attributes[kind])
        lint_strings(*subject->attributes[kind],
                     "spec.require.subject." + std::string(attribute_field(static_cast<AttributeKind>(kind))),
                     warn);
    }
    for (const auto& [oid, rule] : subject->others)
      lint_strings(rule, "spec.require.subject.others." + oid, warn);
  }
  const auto& names = policy.require.names;
  if (!names) return;
  if (names->dns) lint_rule<DnsPattern>(*names->dns, "spec.require.names.dns", warn);
  if (names->ip) lint_rule(*names->ip, "spec.require.names.ip", warn);
  if (names->email) lint_rule(*names->email, "spec.require.names.email", warn);
  if (names->uri) lint_rule(*names->uri, "spec.require.names.uri", warn);
  if (!names->dns || !names->dns->wildcards) return;
  const auto& allowed = names->dns->allowed;
  const bool wide =
      !allowed || std::ranges::any_of(*allowed, [](const DnsPattern& p) { return p.any_depth(); });
  if (wide)
    warn("W16", "spec.require.names.dns.wildcards",
         "wildcards of any depth can be asked for; use patterns of one label");
}

}  // namespace csrflow::policies
