#include "signer/issuer.hpp"

#include <algorithm>

#include "signer/lint.hpp"
#include "signer/own_leaf.hpp"
#include "signer/request_checks.hpp"

namespace csrflow::signer {
namespace {

using engine::Drafted;

Drafted unfit(std::string message) {
  return engine::Unfit{std::string(validation_failure), std::move(message)};
}

}  // namespace

Drafted draft_for(const SignerProfile& profile, const Authority& authority, const engine::CsrSpec& spec,
                  engine::Timestamp now, std::span<const std::uint8_t, 16> random,
                  const engine::IssueTerms& terms) {
  const bool just_approved = terms.approved_at == engine::Position{};
  if (!just_approved && terms.approved_at < profile.since)
    return engine::NotNow{"the request was approved before signer " + profile.name.text +
                          " was made, and it signs only what was approved afterwards"};
  const auto own = read_own_request(spec);
  if (!own) return unfit(own.error().front().text);
  if (auto problems = quick_refusals(profile, *own); !problems.empty())
    return unfit(std::move(problems.front().text));
  if (auto sentence = denial(profile, *own, spec.usages)) return unfit(std::move(*sentence));
  const engine::Duration resolved = resolved_lifetime(profile.spec, spec.expiration_seconds);
  const engine::Duration lifetime = std::min(resolved, terms.at_most.value_or(resolved));
  auto fields = own_leaf(profile, authority, *own, spec.usages, lifetime, now, random);
  if (!fields) return engine::NotNow{std::move(fields.error())};
  engine::Bytes tbs = leaf_tbs(*fields);
  if (auto finding = lint_own_leaf(tbs, *fields, profile, authority, lifetime))
    return unfit(std::move(*finding));
  return engine::Draft{.serial = std::move(fields->serial),
                       .clock = now,
                       .not_before = fields->validity.not_before,
                       .not_after = fields->validity.not_after,
                       .issuer = authority.ski,
                       .profile = profile.name.text,
                       .profile_hash = profile.hash,
                       .tbs = std::move(tbs)};
}

Issuer::Issuer(Authority authority, SigningDurations durations, OwnCertificates own, const SignerBook& book)
    : built_in_(std::move(authority), std::move(durations), std::move(own)), book_(book) {}

bool Issuer::serves(const engine::SignerName& name) const {
  return built_in_.serves(name) || book_.find(name) != nullptr;
}

engine::Duration Issuer::lifetime(const engine::SignerName& name,
                                  std::optional<std::int32_t> expiration_seconds) const {
  if (!built_in_.serves(name))
    if (const auto profile = book_.find(name)) return resolved_lifetime(profile->spec, expiration_seconds);
  return built_in_.lifetime(name, expiration_seconds);
}

std::optional<engine::Duration> Issuer::patience(const engine::SignerName& name) const {
  const auto profile = built_in_.serves(name) ? nullptr : book_.find(name);
  return profile ? profile->spec.pending_timeout : std::nullopt;
}

Drafted Issuer::draft(const engine::CsrSpec& spec, engine::Timestamp now,
                      std::span<const std::uint8_t, 16> random, const engine::IssueTerms& terms) const {
  if (!built_in_.serves(spec.signer_name))
    if (const auto profile = book_.find(spec.signer_name))
      return draft_for(*profile, authority(), spec, now, random, terms);
  return built_in_.draft(spec, now, random, terms);
}

Drafted Issuer::draft_own(engine::OwnCertificate which, engine::Timestamp now,
                          std::span<const std::uint8_t, 16> random) const {
  return built_in_.draft_own(which, now, random);
}

}  // namespace csrflow::signer
