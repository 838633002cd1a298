// ClusterTrustBundle (certificates.k8s.io/v1): what to trust of each signer, for clients to find. Read-only
// for them; csrflow writes one a signer.
#pragma once

#include <span>

#include "api/config_format.hpp"
#include "api/resource.hpp"

namespace csrflow::api {

const Resource& cluster_trust_bundles();

extern const ConfigFormat cluster_trust_bundle_format;

/// As Kubernetes demands it, with a suffix of ours: `kubernetes.io/kube-apiserver-client` →
/// `kubernetes.io:kube-apiserver-client:csrflow`. One bundle holds all that is to be trusted, so that the
/// name stays when certificates change.
std::string trust_bundle_name(const engine::SignerName&);

/// `certificates` are PEM; each is there once, in an order that depends on nothing else.
engine::ConfigBody trust_bundle_body(const engine::SignerName&, std::span<const std::string> certificates);

}  // namespace csrflow::api
