#include "signer/certificate_authority.hpp"

namespace csrflow::signer {
namespace {

using engine::Drafted;
using engine::Unfit;

constexpr std::string_view server_description =
    "csrflow's server\nCN = csrflow; names: those it listens at\n"
    "usages: digital signature, server auth\nbasic constraints: critical, no CA; authority key identifier\n";
constexpr std::string_view admin_description =
    "csrflow's administrator\nO = system:masters, CN = csrflow-admin\n"
    "usages: digital signature, client auth\nbasic constraints: critical, no CA; authority key identifier\n";

Subject server_subject() {
  Subject subject;
  subject.common_name = "csrflow";
  return subject;
}
Subject admin_subject() {
  Subject subject;
  subject.organization = {"system:masters"};
  subject.common_name = "csrflow-admin";
  return subject;
}

KeyUsages usages_for(const std::string& authentication) {
  return key_usages(std::vector<std::string>{"digital signature", authentication});
}

}  // namespace

BuiltInIssuer::BuiltInIssuer(Authority authority, SigningDurations durations, OwnCertificates own)
    : authority_(std::move(authority)),
      durations_(std::move(durations)),
      own_(std::move(own)),
      server_{"csrflow/server", profile_hash(server_description)},
      admin_{"csrflow/admin", profile_hash(admin_description)} {
  for (const Profile& profile : built_in_profiles()) {
    std::string name(profile.signer);
    built_in_.emplace(name, NamedProfile{name, profile_hash(describe(profile))});
  }
}

bool BuiltInIssuer::serves(const engine::SignerName& signer) const {
  return built_in_.contains(signer.text);
}

engine::Duration BuiltInIssuer::lifetime(const engine::SignerName& signer,
                                         std::optional<std::int32_t> expiration_seconds) const {
  return granted_lifetime(durations_.maximum(signer), expiration_seconds);
}

Drafted BuiltInIssuer::draft(const engine::CsrSpec& spec, engine::Timestamp now,
                             std::span<const std::uint8_t, 16> random,
                             const engine::IssueTerms& terms) const {
  const Profile* profile = built_in_profile(spec.signer_name);
  if (profile == nullptr) return engine::NotNow{"no signer of ours serves " + spec.signer_name.text};
  // Its signature was verified before the request was recorded.
  auto request = parse_request_pem(spec.request);
  if (!request) return Unfit{std::string(validation_failure), std::move(request.error())};
  if (auto message = profile->refuses(*request, spec.usages))
    return Unfit{std::string(validation_failure), std::move(*message)};
  LeafFields fields = fields_of(random);
  fields.subject = encode_subject(request->subject);
  fields.spki = std::move(request->spki);
  fields.usages = key_usages(spec.usages);
  fields.names = std::move(request->names);
  const engine::Duration asked = lifetime(spec.signer_name, spec.expiration_seconds);
  return finish(std::move(fields), now, std::min(asked, terms.at_most.value_or(asked)),
                built_in_.find(spec.signer_name.text)->second);
}

Drafted BuiltInIssuer::draft_own(engine::OwnCertificate which, engine::Timestamp now,
                                 std::span<const std::uint8_t, 16> random) const {
  const bool server = which == engine::OwnCertificate::server;
  LeafFields fields = fields_of(random);
  fields.spki = server ? own_.server_spki : own_.admin_spki;
  if (fields.spki.empty()) return engine::NotNow{"there is no key for this certificate"};
  fields.subject = encode_subject(server ? server_subject() : admin_subject());
  fields.usages = usages_for(server ? "server auth" : "client auth");
  if (server) fields.names = names_of_server(own_.server_names);
  return finish(std::move(fields), now, own_lifetime, server ? server_ : admin_);
}

LeafFields BuiltInIssuer::fields_of(std::span<const std::uint8_t, 16> random) const {
  LeafFields fields;
  fields.serial = serial_from(random);
  fields.algorithm = authority_.algorithm;
  fields.issuer = authority_.subject;
  fields.authority_key_id = authority_.key_id;
  return fields;
}

Drafted BuiltInIssuer::finish(LeafFields fields, engine::Timestamp now, engine::Duration lifetime,
                              const NamedProfile& profile) const {
  const auto validity_or_error = validity(now, lifetime, authority_.not_after);
  if (!validity_or_error) return engine::NotNow{validity_or_error.error()};
  fields.validity = *validity_or_error;
  engine::Bytes tbs = leaf_tbs(fields);
  if (auto finding = lint_leaf(tbs, fields, authority_.not_after))
    return Unfit{std::string(validation_failure), std::move(*finding)};
  return engine::Draft{.serial = std::move(fields.serial),
                       .clock = now,
                       .not_before = fields.validity.not_before,
                       .not_after = fields.validity.not_after,
                       .issuer = authority_.ski,
                       .profile = profile.name,
                       .profile_hash = profile.hash,
                       .tbs = std::move(tbs)};
}

}  // namespace csrflow::signer
