// What failed, in words.
#include <algorithm>

#include "policies/attributes.hpp"
#include "policies/explain.hpp"
#include "policies/judging.hpp"
#include "policies/spec_fields.hpp"

namespace csrflow::policies {
namespace {

std::string joined(const Strings& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ", ") + value;
  return text.empty() ? "none" : text;
}
template <class Pattern>
std::string joined(const std::optional<std::vector<Pattern>>& patterns) {
  Strings texts;
  if (patterns) {
    for (const Pattern& pattern : *patterns) texts.push_back(pattern.text());
  }
  return joined(texts);
}
std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}
std::string number(std::int64_t value) {
  return std::to_string(value);
}

struct Kind {
  std::string_view word, plural;
};
Kind kind_word(NameKind kind) {
  switch (kind) {
    case NameKind::dns:
      return {"DNS name", "DNS names"};
    case NameKind::ip:
      return {"IP address", "IP addresses"};
    case NameKind::email:
      return {"e-mail name", "e-mail names"};
    case NameKind::uri:
      return {"URI", "URIs"};
    case NameKind::other:
      return {"other name", "other names"};
    case NameKind::directory:
      return {"directory name", "directory names"};
    case NameKind::registered_id:
      return {"registered ID", "registered IDs"};
  }
  return {"name", "names"};
}

/// A failure's parts: the sentence, the value that offends, and the bound.
struct Words3 {
  std::string text, value, limit;
};

/// The names of one kind, whatever their patterns.
class NameWords {
 public:
  template <class Pattern>
  NameWords(const Facts& facts, const Failure& failure, NameKind kind, const NameRule<Pattern>& rule)
      : facts_(facts),
        failure_(failure),
        kind_(kind),
        allowed_(joined(rule.allowed)),
        min_(rule.min),
        max_(rule.max) {
    if (failure.item >= facts.names.size()) return;
    const Name& name = facts.names[failure.item];
    for (const Pattern& pattern : rule.denied) {
      if (denied_.empty() && hits(pattern, name)) denied_ = pattern.text();
    }
  }

  Words3 allowed() const {
    const Name& name = facts_.names[failure_.item];
    const std::string subject = std::string(kind_word(kind_).word) + ' ' + name.value;
    if (name.malformed) return {subject + " is malformed", name.value, allowed_};
    return {subject + (kind_ == NameKind::ip ? " is in none of " : " is under none of ") + allowed_,
            name.value, allowed_};
  }
  Words3 denied() const {
    const Name& name = facts_.names[failure_.item];
    return {std::string(kind_word(kind_).word) + ' ' + name.value + " is denied by " + denied_, name.value,
            denied_};
  }
  Words3 count(bool few) const {
    const auto there = std::ranges::count(facts_.names, kind_, &Name::kind);
    const std::int64_t bound = few ? min_ : max_.value_or(0);
    return {number(there) + ' ' + std::string(there == 1 ? kind_word(kind_).word : kind_word(kind_).plural) +
                (few ? ", at least " : ", at most ") + number(bound),
            number(there), number(bound)};
  }

 private:
  static bool hits(const DnsPattern& pattern, const Name& name) { return pattern.overlaps(name.value); }
  static bool hits(const IpRange& range, const Name& name) { return range.covers(name.ip); }
  template <class Pattern>
  static bool hits(const Pattern& pattern, const Name& name) {
    return pattern.covers(name.value);
  }

  const Facts& facts_;
  const Failure& failure_;
  NameKind kind_;
  std::string allowed_, denied_;
  std::int64_t min_;
  std::optional<std::int64_t> max_;
};

std::string allowed_values(const StringRule& rule, const Facts& facts) {
  Strings values = rule.values;
  if (rule.same_as_requester) values.push_back(facts.requester.user);
  return joined(values);
}

/// `organizations` of `organization`.
std::string plural_of(const std::string& word) {
  if (word.ends_with("ity") || word.ends_with("try")) return word.substr(0, word.size() - 1) + "ies";
  return word + (word.ends_with("ss") ? "es" : "s");
}

Words3 subject_words(const std::string& word, std::string_view oid, const StringRule& rule,
                     const Facts& facts, const Failure& failure) {
  if (failure.item < facts.subject.size()) {
    const std::string& value = facts.subject[failure.item].value;
    const std::string limit = allowed_values(rule, facts);
    return {word + ' ' + quoted(value) + " is not among " + limit, value, limit};
  }
  const auto count = std::ranges::count(facts.subject, oid, &Attribute::oid);
  const std::string counted = number(count) + ' ' + (count == 1 ? word : plural_of(word));
  if (failure.item == too_few && count == 0 && oid == attribute_oid(AttributeKind::commonName))
    return {"no common name", "0", number(rule.min)};
  if (failure.item == too_few)
    return {counted + ", at least " + number(rule.min), number(count), number(rule.min)};
  if (oid == attribute_oid(AttributeKind::commonName)) return {counted, number(count), "1"};
  return {counted + ", at most " + number(rule.max), number(count), number(rule.max)};
}

/// The attribute's rule, or one that says nothing.
const StringRule& rule_of(const std::optional<StringRule>& rule) {
  static const StringRule none;
  return rule ? *rule : none;
}

Words3 attribute_words(const ApprovalPolicy& policy, const Facts& facts, const Failure& failure) {
  const auto kind = static_cast<AttributeKind>(failure.detail);
  return subject_words(std::string(attribute_word(kind)), attribute_oid(kind),
                       rule_of(policy.require.subject->attributes[failure.detail]), facts, failure);
}

Words3 other_words(const ApprovalPolicy& policy, const Facts& facts, const Failure& failure) {
  const auto& others = policy.require.subject->others;
  const auto& [oid, rule] = *std::next(others.begin(), failure.detail);
  return subject_words("subject attribute " + oid, oid, rule, facts, failure);
}

Words3 unlisted_words(const Facts& facts, const Failure& failure) {
  const Name& name = facts.names[failure.item];
  return {std::string(kind_word(name.kind).word) + ' ' + name.value + ": the policy allows none", name.value,
          "none"};
}

Words3 total_words(const NamesRule& rule, const Facts& facts, bool few) {
  const std::int64_t bound = few ? rule.min : rule.max.value_or(0);
  const auto count = std::ssize(facts.names);
  return {number(count) + (count == 1 ? " name" : " names") + (few ? ", at least " : ", at most ") +
              number(bound),
          number(count), number(bound)};
}

Words3 common_name_words(const Facts& facts, const Failure& failure) {
  const std::string& value = facts.subject[failure.item].value;
  const auto wanted = name_in_common_name(value);
  const bool address = wanted && wanted->kind == NameKind::ip;
  return {"common name " + quoted(value) + " is not " + (address ? "an IP address" : "a DNS name") +
              " of the request",
          value, "a name of the request"};
}

Words3 same_words(const Facts& facts, const Failure& failure) {
  const std::string& user = facts.requester.user;
  if (failure.detail == 1) {
    const std::string& value = facts.subject[failure.item].value;
    return {"common name " + quoted(value) + " is not the requester's name", value, user};
  }
  const Name& name = facts.names[failure.item];
  return {std::string(kind_word(name.kind).word) + ' ' + name.value + " is not the requester's name",
          name.value, user};
}

std::string algorithms(const KeyRule& rule) {
  Strings words;
  for (const KeyAlgorithm algorithm : *rule.algorithms)
    words.emplace_back(Words<KeyAlgorithm>::words[static_cast<std::size_t>(algorithm)]);
  return joined(words);
}

Words3 rsa_words(const Facts& facts, std::int64_t bound, std::string_view most) {
  return {"RSA key of " + number(facts.key.bits) + " bits, at " + std::string(most) + ' ' + number(bound),
          number(facts.key.bits), number(bound)};
}

Words3 key_use_words(const Facts& facts, const Failure& failure) {
  const KeyUse& use = facts.key.used_by[failure.item];
  return {"key was used by " + use.user + (use.request.empty() ? "" : " for " + use.request), use.user, ""};
}

Words3 predecessor_words(const PredecessorRule& rule, const Facts& facts, const Failure& failure) {
  const auto fault = static_cast<PredecessorFault>(failure.detail);
  if (fault == PredecessorFault::no_rotation) return {"is no rotation", "", ""};
  const PredecessorFacts& p = *facts.predecessor;
  switch (fault) {
    case PredecessorFault::revoked:
      return {"predecessor " + p.name + " is revoked", p.name, ""};
    case PredecessorFault::expired: {
      const std::string ago = duration_text(facts.at - *p.not_after),
                        bound = duration_text(rule.allow_expired);
      if (rule.allow_expired.microseconds == 0) return {"predecessor " + p.name + " is expired", ago, bound};
      return {"predecessor " + p.name + " expired " + ago + " ago, at most " + bound, ago, bound};
    }
    case PredecessorFault::spec_differs: {
      const std::string what = p.differences.empty() ? "" : ": " + joined(p.differences);
      return {"spec differs from " + p.name + what, p.name, ""};
    }
    case PredecessorFault::requester_differs:
      return {"requester differs from " + p.name, p.name, ""};
    case PredecessorFault::generation:
      return {"generation " + number(p.generation) + ", at most " + number(*rule.max_generations),
              number(p.generation), number(*rule.max_generations)};
    case PredecessorFault::key_age:
      return {"key is " + duration_text(p.key_age) + " old, at most " + duration_text(*rule.max_key_age),
              duration_text(p.key_age), duration_text(*rule.max_key_age)};
    case PredecessorFault::decided_by: {
      const std::string_view wanted = rule.decided_by == PredecessorDecider::policy ? "a policy" : "a person";
      return {"predecessor " + p.name + " was not decided by " + std::string(wanted), p.name,
              std::string(wanted)};
    }
    case PredecessorFault::no_rotation:
      break;
  }
  return {};
}

/// `Mon`, as windows name the days.
std::string day_name(engine::Day day) {
  return engine::time_window_text(
             {.days = static_cast<std::uint8_t>(1u << engine::weekday(day)), .from = 0, .to = 1})
      .substr(0, 3);
}

Words3 time_words(const engine::Schedule& schedule, const Facts& facts) {
  const engine::LocalTime local = schedule.zone.local(facts.at);
  const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::string now = day_name(local.day) + ' ' + two(local.minute / 60) + ':' + two(local.minute % 60) +
                          ' ' + schedule.zone.name();
  if (std::ranges::binary_search(schedule.except, local.day)) {
    const std::string day = engine::day_text(local.day);
    return {now + " is on the excepted day " + day, now, day};
  }
  Strings windows;
  for (const engine::TimeWindow& window : schedule.windows)
    windows.push_back(engine::time_window_text(window));
  return {now + " is outside " + joined(windows), now, joined(windows)};
}

Words3 rate_words(const Facts& facts, RateKind kind, const std::optional<Rate>& rate) {
  const Count* count = count_of(facts, kind, rate->period);
  const std::string within = duration_text(rate->period);
  if (count == nullptr)
    return {"the number of requests within " + within + " is not known", "", number(rate->limit)};
  std::string of = kind == RateKind::per_requester ? facts.requester.user
                   : kind == RateKind::per_signer  ? facts.signer_name
                                                   : count->of;
  if (of.empty()) of = "one name";
  return {"request " + number(count->count) + " of " + of + " within " + within + ", at most " +
              number(rate->limit),
          number(count->count), number(rate->limit)};
}

Words3 lifetime_words(Duration value, Duration bound, bool longer) {
  const std::string text = duration_text(value), limit = duration_text(bound);
  return {"lifetime " + text + (longer ? " is longer than " : " is shorter than ") + limit, text, limit};
}

Words3 usage_words(const UsagesRule& rule, const Facts& facts, const Failure& failure) {
  if (failure.constraint == Constraint::usages_allowed) {
    const std::string& usage = facts.usages[failure.item];
    return {"usage " + quoted(usage) + " is not allowed", usage, joined(*rule.allowed)};
  }
  if (failure.constraint == Constraint::usages_required) {
    const std::string& usage = rule.required[failure.item];
    return {"usage " + quoted(usage) + " is missing", joined(facts.usages), usage};
  }
  const std::string there = joined(facts.usages), wanted = joined(*rule.exactly);
  return {"usages are " + there + ", exactly " + wanted + " is asked", there, wanted};
}

Words3 words_of(const ApprovalPolicy& policy, const Facts& facts, const Failure& failure) {
  const Require& r = policy.require;
  const auto dns = [&] { return NameWords(facts, failure, NameKind::dns, *r.names->dns); };
  const auto ip = [&] { return NameWords(facts, failure, NameKind::ip, *r.names->ip); };
  const auto email = [&] { return NameWords(facts, failure, NameKind::email, *r.names->email); };
  const auto uri = [&] { return NameWords(facts, failure, NameKind::uri, *r.names->uri); };
  switch (failure.constraint) {
    case Constraint::subject_allow_empty:
      return {"the subject is empty", "", ""};
    case Constraint::subject_attribute:
      return attribute_words(policy, facts, failure);
    case Constraint::subject_others:
      return other_words(policy, facts, failure);
    case Constraint::subject_unlisted: {
      const Attribute& attribute = facts.subject[failure.item];
      return {"subject attribute " + attribute_short_name(attribute.oid) + '=' + quoted(attribute.value) +
                  " is not named by the policy",
              attribute.value, "none"};
    }
    case Constraint::dns_allowed:
      return dns().allowed();
    case Constraint::dns_denied:
      return dns().denied();
    case Constraint::dns_wildcards: {
      const std::string& name = facts.names[failure.item].value;
      return {"DNS name " + name + " is a wildcard", name, "no wildcards"};
    }
    case Constraint::dns_min:
    case Constraint::dns_max:
      return dns().count(failure.constraint == Constraint::dns_min);
    case Constraint::ip_allowed:
      return ip().allowed();
    case Constraint::ip_denied:
      return ip().denied();
    case Constraint::ip_min:
    case Constraint::ip_max:
      return ip().count(failure.constraint == Constraint::ip_min);
    case Constraint::email_allowed:
      return email().allowed();
    case Constraint::email_denied:
      return email().denied();
    case Constraint::email_min:
    case Constraint::email_max:
      return email().count(failure.constraint == Constraint::email_min);
    case Constraint::uri_allowed:
      return uri().allowed();
    case Constraint::uri_denied:
      return uri().denied();
    case Constraint::uri_min:
    case Constraint::uri_max:
      return uri().count(failure.constraint == Constraint::uri_min);
    case Constraint::names_unlisted:
      return unlisted_words(facts, failure);
    case Constraint::names_min:
    case Constraint::names_max:
      return total_words(*r.names, facts, failure.constraint == Constraint::names_min);
    case Constraint::names_common_name_in_san:
      return common_name_words(facts, failure);
    case Constraint::names_same_as_requester:
      return same_words(facts, failure);
    case Constraint::usages_allowed:
    case Constraint::usages_required:
    case Constraint::usages_exactly:
      return usage_words(r.usages, facts, failure);
    case Constraint::key_algorithms:
      return {"key algorithm " + facts.key.algorithm + " is not among " + algorithms(r.key),
              facts.key.algorithm, algorithms(r.key)};
    case Constraint::key_min_rsa:
      return rsa_words(facts, *r.key.min_rsa, "least");
    case Constraint::key_max_rsa:
      return rsa_words(facts, *r.key.max_rsa, "most");
    case Constraint::key_curves:
      return {"curve " + facts.key.curve + " is not among " + joined(*r.key.curves), facts.key.curve,
              joined(*r.key.curves)};
    case Constraint::key_not_reused_by:
      return key_use_words(facts, failure);
    case Constraint::lifetime_max:
      return lifetime_words(facts.lifetime, *r.lifetime.max, true);
    case Constraint::lifetime_min:
      return lifetime_words(facts.lifetime, *r.lifetime.min, false);
    case Constraint::extensions_allowed: {
      const std::string& oid = facts.extensions[failure.item];
      return {"extension " + oid + " is not allowed", oid, joined(*r.extensions.allowed)};
    }
    case Constraint::predecessor:
      return predecessor_words(*r.predecessor, facts, failure);
    case Constraint::at:
      return time_words(*r.at, facts);
    case Constraint::rate_per_requester:
      return rate_words(facts, RateKind::per_requester, r.rate.per_requester);
    case Constraint::rate_per_name:
      return rate_words(facts, RateKind::per_name, r.rate.per_name);
    case Constraint::rate_per_signer:
      return rate_words(facts, RateKind::per_signer, r.rate.per_signer);
    case Constraint::request_max_age: {
      const std::string age = duration_text(facts.at - facts.created_at),
                        bound = duration_text(*r.request.max_age);
      return {"request is " + age + " old, at most " + bound, age, bound};
    }
  }
  return {};
}

constexpr std::string_view constraint_names[] = {"subject.allowEmpty",
                                                 "",  // by its attribute
                                                 "subject.others",
                                                 "subject.unlisted",
                                                 "names.dns.allowed",
                                                 "names.dns.denied",
                                                 "names.dns.wildcards",
                                                 "names.dns.min",
                                                 "names.dns.max",
                                                 "names.ip.allowed",
                                                 "names.ip.denied",
                                                 "names.ip.min",
                                                 "names.ip.max",
                                                 "names.email.allowed",
                                                 "names.email.denied",
                                                 "names.email.min",
                                                 "names.email.max",
                                                 "names.uri.allowed",
                                                 "names.uri.denied",
                                                 "names.uri.min",
                                                 "names.uri.max",
                                                 "names.unlisted",
                                                 "names.min",
                                                 "names.max",
                                                 "names.commonNameInSAN",
                                                 "names.sameAsRequester",
                                                 "usages.allowed",
                                                 "usages.required",
                                                 "usages.exactly",
                                                 "key.algorithms",
                                                 "key.minRSA",
                                                 "key.maxRSA",
                                                 "key.curves",
                                                 "key.notReusedBy",
                                                 "lifetime.max",
                                                 "lifetime.min",
                                                 "extensions.allowed",
                                                 "predecessor",
                                                 "at",
                                                 "rate.perRequester",
                                                 "rate.perName",
                                                 "rate.perSigner",
                                                 "request.maxAge"};
static_assert(std::size(constraint_names) == static_cast<std::size_t>(Constraint::request_max_age) + 1);

}  // namespace

std::string constraint_name(const Failure& failure) {
  if (failure.constraint == Constraint::subject_attribute)
    return "subject." + std::string(attribute_field(static_cast<AttributeKind>(failure.detail)));
  return std::string(constraint_names[static_cast<std::size_t>(failure.constraint)]);
}

std::string failure_text(const ApprovalPolicy& policy, const Facts& facts, const Failure& failure) {
  return words_of(policy, facts, failure).text;
}
std::string failure_value(const ApprovalPolicy& policy, const Facts& facts, const Failure& failure) {
  return words_of(policy, facts, failure).value;
}
std::string failure_limit(const ApprovalPolicy& policy, const Facts& facts, const Failure& failure) {
  return words_of(policy, facts, failure).limit;
}

}  // namespace csrflow::policies
