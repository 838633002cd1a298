#include <algorithm>

#include "policies/attributes.hpp"
#include "policies/certificate_match_fields.hpp"
#include "policies/matching.hpp"

namespace csrflow::policies {
namespace {

template <class List>
void refuse_empty(const Reading& reading, const std::optional<List>& list, std::string_view field) {
  if (list && list->empty())
    reading.fail("E06", "the empty list matches nothing; leave the field out for no condition",
                 '.' + std::string(field));
}

template <class Pattern>
bool covers_one(const std::optional<std::vector<Pattern>>& patterns, NameKind kind, const Facts& facts) {
  if (!patterns) return true;
  return std::ranges::any_of(facts.names, [&](const Name& name) {
    return name.kind == kind && !name.malformed &&
           std::ranges::any_of(*patterns, [&](const Pattern& pattern) {
             if constexpr (std::is_same_v<Pattern, IpRange>) {
               return pattern.covers(name.ip);
             } else {
               return pattern.covers(name.value);
             }
           });
  });
}

bool covers(const SubjectMatch& match, const std::vector<Attribute>& subject) {
  for (std::size_t kind = 0; kind < attribute_kinds; ++kind) {
    const auto& wanted = match.attributes.at(kind);
    if (!wanted) continue;
    const std::string_view oid = attribute_oid(static_cast<AttributeKind>(kind));
    if (std::ranges::none_of(subject, [&](const Attribute& has) {
          return has.oid == oid && std::ranges::find(*wanted, has.value) != wanted->end();
        }))
      return false;
  }
  return true;
}

}  // namespace

void check_certificate_match(const Reading& reading, const CertificateMatch& match) {
  refuse_empty(reading, match.signer_names, "signerNames");
  refuse_empty(reading, match.requesters.users, "requesters.users");
  refuse_empty(reading, match.requesters.groups, "requesters.groups");
  refuse_empty(reading, match.requesters.authenticated_by, "requesters.authenticatedBy");
  refuse_empty(reading, match.dns, "dns");
  refuse_empty(reading, match.ip, "ip");
  refuse_empty(reading, match.email, "email");
  refuse_empty(reading, match.uri, "uri");
  for (std::size_t kind = 0; kind < attribute_kinds; ++kind)
    refuse_empty(reading, match.subject.attributes.at(kind),
                 "subject." + std::string(attribute_fields[kind]));
}

bool covers(const CertificateMatch& match, const Facts& facts) {
  if (match.signer_names && std::ranges::none_of(*match.signer_names, [&](const SignerPattern& p) {
        return p.covers(facts.signer_name);
      }))
    return false;
  std::uint64_t steps = 0;
  return fits(match.labels, facts.labels, steps) && fits(match.requesters, facts.requester, steps) &&
         covers(match.subject, facts.subject) && covers_one(match.dns, NameKind::dns, facts) &&
         covers_one(match.ip, NameKind::ip, facts) && covers_one(match.email, NameKind::email, facts) &&
         covers_one(match.uri, NameKind::uri, facts);
}

bool looks_into_request(const CertificateMatch& match) {
  return match.dns || match.ip || match.email || match.uri ||
         std::ranges::any_of(match.subject.attributes, [](const auto& wanted) { return wanted.has_value(); });
}

std::size_t requirements(const LabelSelector& selector) {
  return selector.match_labels.size() + selector.match_expressions.size();
}

}  // namespace csrflow::policies
