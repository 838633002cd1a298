#include "signer/own_leaf.hpp"

#include <algorithm>

#include "signer/own_subject.hpp"
#include "signer/usage_rules.hpp"

namespace csrflow::signer {
namespace {

using engine::Timestamp;

constexpr engine::Duration second = engine::seconds(1);

std::expected<Validity, std::string> own_validity(const SignerSpec& spec, const Authority& authority,
                                                  engine::Duration lifetime, Timestamp now) {
  const Timestamp at = now.cut_to_seconds();
  if (at >= authority.not_after)
    return std::unexpected("the CA has expired: NotAfter=" + engine::rfc3339_seconds(authority.not_after));
  const engine::Duration tenth = engine::seconds(lifetime.microseconds / 1'000'000 / backdate_share);
  const Timestamp begin = std::max(at - std::min(spec.backdate, tenth), authority.not_before);
  const Timestamp end = (begin + std::max(lifetime, second) - second).cut_to_seconds();
  return Validity{begin, std::min(end, authority.not_after)};
}

/// What is asked for, and what the profile adds where the key can serve it.
KeyUsages usages_of(const SignerSpec& spec, std::span<const std::string> asked,
                    const std::string& key_algorithm) {
  std::vector<std::string> all(asked.begin(), asked.end());
  for (const std::string& added : spec.usages.added)
    if ((key_usages({&added, 1}).bits & unfit_bits(key_algorithm)) == 0) all.push_back(added);
  return key_usages(all);
}

std::vector<RawExtension> taken_extensions(const SignerSpec& spec, const RequestParts& parts) {
  std::vector<RawExtension> taken;
  for (const RequestParts::Extension& extension : parts.extensions)
    if (std::ranges::find(spec.extensions, extension.oid) != spec.extensions.end())
      taken.push_back({extension.oid, extension.critical, extension.value});
  return taken;
}

}  // namespace

std::expected<LeafFields, std::string> own_leaf(const SignerProfile& profile, const Authority& authority,
                                                const OwnRequest& own, std::span<const std::string> usages,
                                                engine::Duration lifetime, Timestamp now,
                                                std::span<const std::uint8_t, 16> random) {
  const auto valid = own_validity(profile.spec, authority, lifetime, now);
  if (!valid) return std::unexpected(valid.error());
  LeafFields fields;
  fields.serial = serial_from(random);
  fields.algorithm = authority.algorithm;
  fields.issuer = authority.subject;
  fields.authority_key_id = authority.key_id;
  fields.validity = *valid;
  fields.subject = profile.spec.subject == SubjectRule::drop ? encode_own_subject({})
                                                             : encode_own_subject(own.parts.subject);
  fields.spki = own.request.spki;
  fields.subject_key_id = key_identifier(own.request.spki);
  fields.names = own.names;
  fields.usages = usages_of(profile.spec, usages, own.parts.key.algorithm);
  fields.further = taken_extensions(profile.spec, own.parts);
  return fields;
}

}  // namespace csrflow::signer
