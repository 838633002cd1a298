// What must hold between the fields of one block.
#include <algorithm>

#include "policies/attributes.hpp"
#include "policies/spec_fields.hpp"
#include "policies/unicode.hpp"

namespace csrflow::policies {
namespace {

template <class List>
void refuse_empty(const Reading& reading, const std::optional<List>& list, std::string_view field) {
  if (list && list->empty())
    reading.fail("E06", "the empty list matches nothing; leave the field out for no condition",
                 '.' + std::string(field));
}

/// Kubernetes' label values and the names of label keys: 1 to 63 bytes of [A-Za-z0-9._-], alphanumeric at
/// both ends.
bool label_name(std::string_view text) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= 63 && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::ranges::all_of(text,
                             [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}
bool label_key(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) return label_name(key);
  const auto prefix = canonical_dns(key.substr(0, slash));
  return prefix && *prefix == key.substr(0, slash) && !prefix->starts_with('*') &&
         label_name(key.substr(slash + 1));
}

bool contains(const Strings& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

/// One value of a StringRule in canonical form, its pattern beside it.
void parse_value(Reading& reading, StringRule& rule, std::string& value) {
  value = nfc(value);
  const auto take = [&]<class Pattern>(std::vector<Pattern>& patterns) {
    auto parsed = Parsed<Pattern>::parse(value);
    if (!parsed)
      return reading.fail(std::string(Parsed<Pattern>::code(parsed.error())), value + ": " + parsed.error());
    value = parsed->text();
    patterns.push_back(std::move(*parsed));
  };
  switch (rule.match) {
    case StringMatch::exact:
    case StringMatch::glob:
      return;
    case StringMatch::dns:
      return take(rule.dns);
    case StringMatch::email:
      return take(rule.email);
    case StringMatch::regex:
      return take(rule.regex);
  }
}

}  // namespace

std::expected<SignerPattern, std::string> Parsed<SignerPattern>::parse(std::string_view text) {
  constexpr auto form = "a signer is written domain/name, domain/* or *";
  if (text == "*") return SignerPattern{"*"};
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return std::unexpected(form);
  const bool starred = text.find('*') != std::string_view::npos;
  if (starred && (text.substr(slash) != "/*" || text.find('*') < slash)) return std::unexpected(form);
  constexpr std::size_t max_signer_name = 571;  // as Kubernetes
  if (text.size() > max_signer_name) return std::unexpected("longer than any signer's name");
  return SignerPattern{std::string(text)};
}

void check_match(const Reading& reading, const Match& match) {
  refuse_empty(reading, match.signer_names, "signerNames");
  refuse_empty(reading, match.requesters.users, "requesters.users");
  refuse_empty(reading, match.requesters.groups, "requesters.groups");
  refuse_empty(reading, match.requesters.authenticated_by, "requesters.authenticatedBy");
}

void check_labels(const Reading& reading, const LabelSelector& selector) {
  for (const auto& [key, value] : selector.match_labels) {
    if (!label_key(key) || (!value.empty() && !label_name(value)))
      reading.fail("E14", "no label can be " + key + '=' + value, ".matchLabels");
  }
  for (std::size_t i = 0; i < selector.match_expressions.size(); ++i) {
    const LabelExpression& expression = selector.match_expressions[i];
    const std::string below = ".matchExpressions[" + std::to_string(i) + ']';
    if (!label_key(expression.key))
      reading.fail("E14", "no label can have the key \"" + expression.key + '"', below);
    const bool wants_values = expression.op == LabelOperator::In || expression.op == LabelOperator::NotIn;
    if (wants_values && expression.values.empty()) reading.fail("E06", "In and NotIn need values", below);
    if (!wants_values && !expression.values.empty())
      reading.fail("E14", "Exists and DoesNotExist have no values", below);
  }
}

void check_min_max(const Reading& reading, std::int64_t min, const std::optional<std::int64_t>& max) {
  if (max && min > *max)
    reading.fail("E07", "min " + std::to_string(min) + " is above max " + std::to_string(*max));
}

void check_string_rule(Reading& reading, StringRule& rule) {
  for (std::size_t i = 0; i < rule.values.size(); ++i) {
    reading.at(".values[" + std::to_string(i) + ']', Tree(), [&] {
      reading.count_pattern();
      parse_value(reading, rule, rule.values[i]);
    });
  }
  check_min_max(reading, rule.min, rule.max);
}

void check_subject_others(const Reading& reading, const SubjectRule& subject) {
  for (const auto& [oid, rule] : subject.others) {
    if (!is_oid(oid)) reading.fail("E14", "must be a dotted OID, as 2.5.4.12", ".others." + oid);
    if (const auto kind = attribute_kind(oid))
      reading.fail("E14", "is the field " + std::string(attribute_field(*kind)) + " of subject",
                   ".others." + oid);
  }
}

void check_usages(const Reading& reading, const UsagesRule& usages) {
  if (usages.exactly && (usages.allowed || !usages.required.empty()))
    reading.fail("E07", "exactly stands alone; leave out allowed and required");
  if (!usages.allowed) return;
  for (const std::string& name : usages.required) {
    if (!contains(*usages.allowed, name)) reading.fail("E07", "\"" + name + "\" is required but not allowed");
  }
}

void check_key(const Reading& reading, const KeyRule& key) {
  if (key.min_rsa && key.max_rsa && *key.min_rsa > *key.max_rsa)
    reading.fail("E07", "minRSA is above maxRSA");
  for (const std::string& curve : key.curves.value_or(Strings())) {
    if (curve != "P-256" && curve != "P-384" && curve != "P-521")
      reading.fail("E14", curve + ": must be one of P-256, P-384, P-521", ".curves");
  }
}

void check_lifetime(const Reading& reading, const LifetimeRule& lifetime) {
  if (lifetime.min && lifetime.max && *lifetime.min > *lifetime.max)
    reading.fail("E07",
                 "min " + duration_text(*lifetime.min) + " is above max " + duration_text(*lifetime.max));
}

void check_demand(const Reading& reading, const Demand& demand) {
  if (demand.count == 0) reading.fail("E09", "nobody is demanded; count must be 1 or more", ".count");
  if (demand.groups.empty() && demand.users.empty())
    reading.fail("E09", "name groups or users who may approve");
}

void check_review(const Reading& reading, const Review& review) {
  if (review.approvers.empty()) reading.fail("E09", "name at least one demand of approvers", ".approvers");
  if (review.approvers.size() > max_demands)
    reading.fail("E14", "more than " + std::to_string(max_demands) + " demands", ".approvers");
}

void check_obligations(const Reading& reading, const Obligations& obligations) {
  for (const auto& [key, value] : obligations.labels) {
    if (!label_key(key) || (!value.empty() && !label_name(value)))
      reading.fail("E14", "no label can be " + key + '=' + value, ".labels");
  }
  if (obligations.shorten_lifetime_to && obligations.shorten_lifetime_to->microseconds == 0)
    reading.fail("E14", "must be longer than nothing", ".shortenLifetimeTo");
}

void check_extensions(const Reading& reading, ExtensionsRule& extensions) {
  if (!extensions.allowed) return;
  for (std::string& name : *extensions.allowed) {
    if (auto oid = extension_oid(name)) {
      name = *oid;
    } else {
      reading.fail("E14", name + ": must be an OID, or the name of an extension, as tlsFeature", ".allowed");
    }
  }
}

void check_case(const Reading& reading, const CaseDocument& document) {
  if (document.name.empty()) reading.fail("E14", "a case needs a name", ".name");
  constexpr std::string_view expectations[] = {"approve", "deny", "review", "silent", "next"};
  if (std::ranges::find(expectations, document.expect) == std::end(expectations))
    reading.fail("E14", "must be one of approve, deny, review, silent, next", ".expect");
}

void check_spec(const Reading& reading, const ApprovalPolicy& policy) {
  const bool reviews = policy.outcome == Outcome::review || policy.otherwise == Outcome::review;
  if (reviews && !policy.review) reading.fail("E09", "a review needs approvers", ".review");
  if (policy.require.predecessor && policy.match.rotation == RotationMatch::never)
    reading.fail("E11", "match.rotation is never, so that no predecessor can be required",
                 ".require.predecessor");
  const auto& shortened = policy.obligations.shorten_lifetime_to;
  if (shortened && policy.require.lifetime.min && *shortened < *policy.require.lifetime.min)
    reading.fail("E13", "shorter than require.lifetime.min", ".obligations.shortenLifetimeTo");
  if (policy.description.size() > max_description_bytes)
    reading.fail("E14", "longer than " + std::to_string(max_description_bytes) + " bytes", ".description");
}

}  // namespace csrflow::policies
