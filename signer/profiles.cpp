#include "signer/profiles.hpp"

#include <algorithm>
#include <set>

namespace csrflow::signer {
namespace {

using Message = std::optional<std::string>;
using Usages = std::span<const std::string>;

constexpr std::string_view node_prefix = "system:node:";
constexpr std::string_view key_encipherment = "key encipherment";

bool is_of_nodes(const CertificationRequest& request) {
  return request.subject.organization == std::vector<std::string>{"system:nodes"};
}

/// Exactly `digital signature` and `auth`, with or without `key encipherment`.
bool usages_match(Usages usages, std::string_view auth) {
  std::set<std::string_view> asked(usages.begin(), usages.end());
  asked.erase(key_encipherment);
  return asked == std::set<std::string_view>{"digital signature", auth};
}

Message refuses_client(const CertificationRequest&, Usages usages) {
  constexpr std::string_view allowed[] = {"client auth", "digital signature", key_encipherment};
  for (const auto& usage : usages)
    if (std::ranges::find(allowed, usage) == std::end(allowed))
      return "invalid usage for client certificate: " + usage;
  if (std::ranges::find(usages, "client auth") == usages.end())
    return "missing required usage for client certificate: client auth";
  return std::nullopt;
}

Message refuses_kubelet_client(const CertificationRequest& request, Usages usages) {
  if (!is_of_nodes(request)) return "subject organization is not system:nodes";
  if (!request.names.dns.empty()) return "DNS subjectAltNames are not allowed";
  if (!request.names.email.empty()) return "Email subjectAltNames are not allowed";
  if (!request.names.ip.empty()) return "IP subjectAltNames are not allowed";
  if (!request.names.uri.empty()) return "URI subjectAltNames are not allowed";
  if (!request.subject.common_name.starts_with(node_prefix))
    return "subject common name does not begin with system:node:";
  if (!usages_match(usages, "client auth"))
    return "usages did not match [client auth digital signature key encipherment]";
  return std::nullopt;
}

Message refuses_kubelet_serving(const CertificationRequest& request, Usages usages) {
  if (!is_of_nodes(request)) return "subject organization is not system:nodes";
  if (request.names.dns.empty() && request.names.ip.empty()) return "DNS or IP subjectAltName is required";
  if (!request.names.email.empty()) return "Email subjectAltNames are not allowed";
  if (!request.names.uri.empty()) return "URI subjectAltNames are not allowed";
  if (!usages_match(usages, "server auth"))
    return "usages did not match [digital signature key encipherment server auth]";
  if (!request.subject.common_name.starts_with(node_prefix))
    return "subject common name does not begin with system:node:";
  return std::nullopt;
}

Message refuses_legacy(const CertificationRequest&, Usages) {
  return std::nullopt;
}

constexpr Profile profiles[] = {
    {"kubernetes.io/kube-apiserver-client",
     "usages: client auth, and digital signature, key encipherment if asked\n", refuses_client},
    {"kubernetes.io/kube-apiserver-client-kubelet",
     "O = system:nodes, CN begins system:node:, no names\n"
     "usages: client auth, digital signature, and key encipherment if asked\n",
     refuses_kubelet_client},
    {"kubernetes.io/kubelet-serving",
     "O = system:nodes, CN begins system:node:, a DNS or IP name, no e-mail, no URI\n"
     "usages: server auth, digital signature, and key encipherment if asked\n",
     refuses_kubelet_serving},
    {"kubernetes.io/legacy-unknown", "usages: any\n", refuses_legacy},
};

constexpr std::string_view content =
    "subject: C, ST, L, street, postalCode, O, OU, CN, serialNumber of the request, nothing else\n"
    "names: DNS, e-mail, IP, URI of the request; critical when the subject is empty\n"
    "key usage: critical, the asked bits; extended key usage: the asked ones\n"
    "basic constraints: critical, no CA; authority key identifier\n"
    "validity: from 300 s before; the end is backdated too from 8 h on; never beyond the CA's\n";

}  // namespace

std::span<const Profile> built_in_profiles() {
  return profiles;
}

const Profile* built_in_profile(const engine::SignerName& name) {
  const auto found = std::ranges::find(profiles, name.text, &Profile::signer);
  return found == std::end(profiles) ? nullptr : found;
}

std::string describe(const Profile& profile) {
  return std::string(profile.signer) + "\n" + std::string(profile.rules) + std::string(content);
}

std::string profile_hash(std::string_view description) {
  return engine::to_hex(sha256(description));
}

}  // namespace csrflow::signer
