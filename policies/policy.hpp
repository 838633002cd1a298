// An approval policy as values: what document.hpp reads. Patterns are parsed, defaults are filled in; a block
// that was not written is absent, since absence means something.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/time_windows.hpp"
#include "engine/types.hpp"
#include "policies/dns_name.hpp"
#include "policies/email_name.hpp"
#include "policies/ip_address.hpp"
#include "policies/quantities.hpp"
#include "policies/regex.hpp"
#include "policies/uri_name.hpp"

namespace csrflow::policies {

using engine::Duration;
using Strings = std::vector<std::string>;

constexpr std::size_t max_document_bytes = 256 * 1024;
constexpr std::size_t max_patterns = 1'000;  ///< in one document
constexpr std::size_t max_policies = 1'000;
constexpr std::size_t max_cases = 200;  ///< in one document
constexpr std::size_t max_description_bytes = 1'024;
constexpr std::int64_t max_priority = 1'000;
constexpr std::int64_t max_demands = 16;
constexpr std::int64_t max_places = 16;  ///< of one demand

// ── match ──────────────────────────────────────────────────────────────────────────────────────────────────

/// `example.com/web`, `example.com/*` or `*`.
struct SignerPattern {
  std::string text;
  bool covers(std::string_view signer_name) const;
};

enum class AuthenticatedBy : std::uint8_t { clientCertificate, token, oidc, anonymous };
struct Requesters {
  std::optional<Strings> users, groups;
  std::optional<Regex> users_match;
  Strings not_users, not_groups;
  std::optional<std::vector<AuthenticatedBy>> authenticated_by;
};

enum class LabelOperator : std::uint8_t { In, NotIn, Exists, DoesNotExist };
struct LabelExpression {
  std::string key;
  LabelOperator op = LabelOperator::In;
  Strings values;
};
struct LabelSelector {
  engine::StringMap match_labels;
  std::vector<LabelExpression> match_expressions;
};

enum class RotationMatch : std::uint8_t { any, only, never };
enum class RequestedBy : std::uint8_t { any, self, agent, rotation };
struct Match {
  std::optional<std::vector<SignerPattern>> signer_names;
  Requesters requesters;
  LabelSelector labels;
  RotationMatch rotation = RotationMatch::any;
  RequestedBy requested_by = RequestedBy::any;
};

// ── require ────────────────────────────────────────────────────────────────────────────────────────────────

enum class Unlisted : std::uint8_t { none, any };
enum class StringMatch : std::uint8_t { exact, glob, dns, email, regex };

/// Each value must be covered by an entry, or be the requester's name; and their number lie in min … max.
struct StringRule {
  StringMatch match = StringMatch::exact;
  Strings values;  ///< canonical
  bool same_as_requester = false;
  std::int64_t min = 0, max = 16;
  // One of these per value, for the kinds of match that need more than the text.
  std::vector<DnsPattern> dns;
  std::vector<EmailPattern> email;
  std::vector<Regex> regex;
};

/// The attributes that have a field of their own, in the order in which they are judged.
enum class AttributeKind : std::uint8_t {
  commonName,
  organizations,
  organizationalUnits,
  countries,
  localities,
  provinces,
  streetAddresses,
  postalCodes,
  serialNumbers,
  emailAddresses,
  domainComponents,
  userIds
};
constexpr std::size_t attribute_kinds = 12;
struct SubjectRule {
  Unlisted unlisted = Unlisted::none;
  bool unlisted_written = false;  ///< not left to the default
  bool allow_empty = true;
  std::array<std::optional<StringRule>, attribute_kinds> attributes;  ///< by AttributeKind
  std::map<std::string, StringRule> others;                           ///< by dotted OID
};

template <class Pattern>
struct NameRule {
  std::optional<std::vector<Pattern>> allowed;  ///< absent: any; empty: none
  std::vector<Pattern> denied;
  std::int64_t min = 0;
  std::optional<std::int64_t> max;
};
struct DnsRule : NameRule<DnsPattern> {
  bool wildcards = false;
  bool wildcards_written = false;  ///< not left to the default
};
enum class SameName : std::uint8_t { commonName, email, uri };
struct NamesRule {
  Unlisted unlisted = Unlisted::none;
  bool unlisted_written = false;  ///< not left to the default
  std::int64_t min = 0;
  std::optional<std::int64_t> max;
  std::optional<DnsRule> dns;
  std::optional<NameRule<IpRange>> ip;
  std::optional<NameRule<EmailPattern>> email;
  std::optional<NameRule<UriPattern>> uri;
  bool common_name_in_san = false;
  std::vector<SameName> same_as_requester;
};

struct UsagesRule {
  std::optional<Strings> allowed;
  Strings required;
  std::optional<Strings> exactly;
};

enum class KeyAlgorithm : std::uint8_t { RSA, ECDSA, Ed25519, Ed448 };
enum class KeyReuse : std::uint8_t { unchecked, others, anyone, outside_lineage };
struct KeyRule {
  std::optional<std::vector<KeyAlgorithm>> algorithms;
  std::optional<std::int64_t> min_rsa, max_rsa;
  std::optional<Strings> curves;
  KeyReuse not_reused_by = KeyReuse::unchecked;
};

struct LifetimeRule {
  std::optional<Duration> min, max;
};

struct RateRule {
  std::optional<Rate> per_requester, per_name, per_signer;
};

enum class PredecessorDecider : std::uint8_t { any, policy, person };
struct PredecessorRule {
  bool same_spec = true, same_requester = true;
  std::optional<std::int64_t> max_generations;
  std::optional<Duration> max_key_age;
  bool allow_revoked = false;
  Duration allow_expired;
  PredecessorDecider decided_by = PredecessorDecider::any;
};

struct ExtensionsRule {
  std::optional<Strings> allowed;  ///< dotted OIDs, beside those that are always allowed
};
struct RequestRule {
  std::optional<Duration> max_age;  ///< of a request that still waits
};

struct Require {
  std::optional<SubjectRule> subject;
  std::optional<NamesRule> names;
  UsagesRule usages;
  KeyRule key;
  LifetimeRule lifetime;
  std::optional<engine::Schedule> at;
  RateRule rate;
  std::optional<PredecessorRule> predecessor;
  ExtensionsRule extensions;
  RequestRule request;
};

// ── what follows ───────────────────────────────────────────────────────────────────────────────────────────

enum class Outcome : std::uint8_t { approve, deny, review, next };
constexpr std::string_view outcome_words[] = {"approve", "deny", "review", "next"};

/// So many persons of these groups, or these users.
struct Demand {
  Strings groups, users;
  std::int64_t count = 1;
};
struct Review {
  std::vector<Demand> approvers;
  bool separate_from_requester = true;
  bool separate_from_predecessor = false;
  std::optional<Duration> lapse;    ///< a word counts so long; absent: for ever
  std::optional<Duration> give_up;  ///< since creation, then denied; absent: never
  std::size_t places() const;
};

struct Obligations {
  std::optional<Duration> shorten_lifetime_to;
  engine::StringMap labels;
  std::string rotation_policy;
  Strings notify;
  bool require_rekey = false;
};

struct ApprovalPolicy {
  std::string name;
  std::string description;
  Match match;
  Require require;
  Outcome outcome = Outcome::next;
  Outcome otherwise = Outcome::next;
  std::optional<Review> review;
  Obligations obligations;
  std::int64_t priority = 0;
  bool suspended = false;
  /// The cases as JSON text, each `{"name":…,"request":…,"expect":…}`; cases.hpp runs them.
  Strings cases;

  /// JSON with sorted keys and the defaults filled in; what `hash` (SHA-256, lower-case hex) is over.
  std::string canonical;
  std::string hash;
  /// The first 8 digits: what people are shown.
  std::string_view short_hash() const { return std::string_view(hash).substr(0, 8); }
};
using PolicyPtr = std::shared_ptr<const ApprovalPolicy>;

}  // namespace csrflow::policies
