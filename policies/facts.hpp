// All that a decision depends on, as values. Fixed facts come from `created` and the log before it, the
// others from the evaluation's cause; their JSON form is what decision events hold, so that a decision can be
// made again from its event alone.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/identity.hpp"
#include "engine/types.hpp"
#include "policies/ip_address.hpp"

namespace csrflow::policies {

/// Who the request comes from.
struct Requester {
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  engine::Authentication by = engine::Authentication::token;
  std::string on_behalf_of;  ///< in a renewal: whose identity it continues
  /// Fingerprint of the credential (engine::Identity); tells a person who speaks under another user name.
  std::string credential;
  std::string source;  ///< address
};

/// One attribute of the subject, in the request's order; multi-valued RDNs are flattened.
struct Attribute {
  std::string oid;    ///< dotted: `2.5.4.3`
  std::string value;  ///< UTF-8, NFC
  bool operator==(const Attribute&) const = default;
};

enum class NameKind : std::uint8_t { dns, ip, email, uri, other, directory, registered_id };

/// One subject alternative name. Made by `name_of`, so that what is derived fits.
struct Name {
  NameKind kind = NameKind::dns;
  std::string value;       ///< canonical, if there is a canonical form, else as requested
  bool malformed = false;  ///< no canonical form: no pattern covers it
  IpAddress ip;            ///< of a well-formed ip
};
/// `value` is text: of an ip the address, of other, directory and registered_id what a person should see of
/// it.
Name name_of(NameKind, std::string_view value);

/// Somebody used the same key before.
struct KeyUse {
  std::string user;
  std::string request;    ///< its name
  bool ancestor = false;  ///< that request is in this one's own lineage
};

struct KeyFacts {
  std::string algorithm;  ///< RSA, ECDSA, Ed25519, Ed448
  std::uint32_t bits = 0;
  std::string curve;        ///< P-256, P-384, P-521; of others OpenSSL's name; empty: none
  std::string spki_sha256;  ///< lower-case hex
  /// Earlier `created` with this SPKI, in the log's order, expired ones too; one for each user and lineage is
  /// enough.
  std::vector<KeyUse> used_by;
};

enum class RateKind : std::uint8_t { per_requester, per_name, per_signer };

/// How many requests there were within (t0 − period, t0], this one included.
struct Count {
  RateKind kind = RateKind::per_requester;
  engine::Duration period;  ///< 0: holds for any period
  std::int64_t count = 1;
  std::string of;  ///< per_name: the name with the largest count
};

enum class DecidedBy : std::uint8_t { unknown, policy, person };

/// The request names a predecessor that exists.
struct PredecessorFacts {
  std::string name, uid;
  std::int64_t generation = 2;  ///< of this request
  engine::Duration key_age;     ///< since this request's key was first seen; 0: it is new
  bool same_requester = true;
  /// What differs from the predecessor's spec, in words: `DNS names`, `usages`; and whether anything does.
  bool same_spec = true;
  std::vector<std::string> differences;
  bool revoked = false;
  std::optional<engine::Timestamp> not_after;  ///< of its certificate
  DecidedBy decided_by = DecidedBy::unknown;
  std::vector<std::string> deciders;  ///< persons who decided it, for separateFromPredecessor
};

enum class WordVerdict : std::uint8_t { approve, deny };

/// A person's word, as `reviewed` holds it. Whoever lost `approve` meanwhile has none; withdrawn ones are
/// left out.
struct Word {
  std::string user;
  std::vector<std::string> groups;  ///< when it was spoken
  WordVerdict verdict = WordVerdict::approve;
  engine::Timestamp at;
  std::string message;
  std::string credential;
};

/// Who made the request, in the policy language's sense.
enum class Origin : std::uint8_t {
  self,     ///< a person or a program
  agent,    ///< authenticated by the predecessor's certificate
  rotation  ///< csrflow itself
};

struct Facts {
  // Fixed once for each request.
  Requester requester;
  Origin origin = Origin::self;
  std::string signer_name;
  engine::Duration lifetime;  ///< resolved: expirationSeconds, else the signer's default, at most its maximum
  engine::StringMap labels;   ///< at creation
  std::vector<Attribute> subject;
  std::vector<Name> names;              ///< in the request's order
  std::vector<std::string> extensions;  ///< OIDs requested, dotted
  bool requests_ca = false;             ///< basicConstraints with CA:TRUE
  std::vector<std::string> usages;      ///< Kubernetes' names
  KeyFacts key;
  std::optional<PredecessorFacts> predecessor;
  /// For each rate of PolicySet::rates(signer_name) its count; a rate without one fails.
  std::vector<Count> counts;
  engine::Timestamp created_at;
  /// Why built-in rules deny it; empty: they do not.
  std::string built_in_denial;
  /// The kubelets' built-in approver would approve: one more policy, `csrflow:node-approval`.
  bool node_approval = false;

  // Of this evaluation.
  engine::Timestamp at;     ///< recorded_at of its cause
  std::vector<Word> words;  ///< in the log's order; of each user the last counts
};

/// One line of JSON; members with their default are left out.
std::string encode_facts(const Facts&);
std::expected<Facts, std::string> decode_facts(std::string_view json);

/// Versions of what evaluation rests on: the evaluator, the tz database, RE2, Unicode. A decision event holds
/// them.
struct Versions {
  std::string evaluator, time_zones, regex, unicode;
};
Versions versions();
constexpr auto evaluator_version = "1";

}  // namespace csrflow::policies
