#include <algorithm>

#include "policies/attributes.hpp"
#include "policies/judging.hpp"
#include "policies/unicode.hpp"

namespace csrflow::policies {
namespace {

/// Where the UTF-8 character that begins at `at` ends.
std::size_t next_character(std::string_view text, std::size_t at) {
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  return at;
}

/// A star is one character or more, so that two stars are two or more.
bool glob_covers(std::string_view pattern, std::string_view value) {
  // The classic walk: on a mismatch the last star takes one character more.
  std::size_t p = 0, v = 0, star = std::string_view::npos, taken = 0;
  while (v < value.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      v = taken = next_character(value, v);
    } else if (p < pattern.size() && pattern[p] == value[v]) {
      ++p, ++v;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      v = taken = next_character(value, taken);
    } else {
      return false;
    }
  }
  return p == pattern.size();
}

/// Is it the requester's user name, compared as the rule compares?
bool is_requesters_name(StringMatch match, const std::string& value, const std::string& user) {
  if (value == nfc(user)) return true;
  const auto same = [](const auto& a, const auto& b) { return a && b && *a == *b; };
  if (match == StringMatch::dns)
    return same(canonical_dns(value, lenient_dns), canonical_dns(user, lenient_dns));
  if (match == StringMatch::email) return same(canonical_email(value), canonical_email(user));
  return false;
}

template <class Pattern>
bool any_covers(const std::vector<Pattern>& patterns, const std::string& value) {
  return std::ranges::any_of(patterns, [&](const Pattern& pattern) { return pattern.covers(value); });
}

/// Values by one rule, then how many there are.
template <class Mine>
void judge_values(Judging& judging, const StringRule& rule, Constraint constraint, std::uint16_t detail,
                  Mine mine) {
  std::int64_t count = 0;
  for (std::uint32_t i = 0; i < judging.facts.subject.size(); ++i) {
    const Attribute& attribute = judging.facts.subject[i];
    if (!mine(attribute)) continue;
    ++count;
    if (!covers(rule, judging.facts, attribute.value, judging.steps)) judging.fail(constraint, i, detail);
  }
  const bool one_at_most = constraint == Constraint::subject_attribute && detail == 0;
  if (count < rule.min) judging.fail(constraint, too_few, detail);
  if (count > rule.max || (one_at_most && count > 1)) judging.fail(constraint, too_many, detail);
}

}  // namespace

bool covers(const StringRule& rule, const Facts& facts, const std::string& value, std::uint64_t& steps) {
  steps += rule.values.size() + 1;
  if (rule.same_as_requester && is_requesters_name(rule.match, value, facts.requester.user)) return true;
  switch (rule.match) {
    case StringMatch::exact:
      return std::ranges::find(rule.values, value) != rule.values.end();
    case StringMatch::glob:
      return std::ranges::any_of(rule.values,
                                 [&](const std::string& glob) { return glob_covers(glob, value); });
    case StringMatch::dns: {
      const auto name = canonical_dns(value, lenient_dns);
      return name && any_covers(rule.dns, *name);
    }
    case StringMatch::email: {
      const auto address = canonical_email(value);
      return address && any_covers(rule.email, *address);
    }
    case StringMatch::regex:
      return std::ranges::any_of(rule.regex, [&](const Regex& regex) {
        steps += static_cast<std::uint64_t>(regex.program_size()) * (value.size() + 1);
        return regex.matches(value);
      });
  }
  return false;
}

void judge_subject(Judging& judging) {
  if (!judging.policy.require.subject) return;
  const SubjectRule& rule = *judging.policy.require.subject;
  const auto& subject = judging.facts.subject;
  judging.steps += subject.size() + 1;
  if (!rule.allow_empty && subject.empty()) judging.fail(Constraint::subject_allow_empty);
  for (std::uint16_t kind = 0; kind < attribute_kinds; ++kind) {
    if (const auto& one = rule.attributes[kind]) {
      judge_values(judging, *one, Constraint::subject_attribute, kind, [&](const Attribute& attribute) {
        return attribute.oid == attribute_oid(static_cast<AttributeKind>(kind));
      });
    } else if (kind == 0 &&
               std::ranges::count(subject, attribute_oid(AttributeKind::commonName), &Attribute::oid) > 1) {
      judging.fail(Constraint::subject_attribute, too_many, kind);
    }
  }
  std::uint16_t index = 0;
  for (const auto& [oid, one] : rule.others) {
    judge_values(judging, one, Constraint::subject_others, index++,
                 [&](const Attribute& attribute) { return attribute.oid == oid; });
  }
  if (rule.unlisted == Unlisted::any) return;
  for (std::uint32_t i = 0; i < subject.size(); ++i) {
    const auto kind = attribute_kind(subject[i].oid);
    const bool listed = kind ? rule.attributes[static_cast<std::size_t>(*kind)].has_value()
                             : rule.others.contains(subject[i].oid);
    if (!listed) judging.fail(Constraint::subject_unlisted, i);
  }
}

}  // namespace csrflow::policies
