#include "api/node_restriction.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view node_prefix = "system:node:";
constexpr std::string_view nodes = "system:nodes";

bool is_for_kubelets(const engine::SignerName& signer) {
  return signer.text == "kubernetes.io/kubelet-serving" ||
         signer.text == "kubernetes.io/kube-apiserver-client-kubelet";
}

}  // namespace

std::optional<std::string_view> node_of(const engine::Identity& user) {
  if (!user.user.starts_with(node_prefix) || !user.in_group(nodes)) return std::nullopt;
  return std::string_view(user.user).substr(node_prefix.size());
}

std::expected<void, Status> restrict_node(const engine::Identity& user, const engine::CsrObject& object,
                                          const engine::PkixInspector& inspector) {
  const auto node = node_of(user);
  if (!node) return {};
  const auto refuse = [&](const std::string& why) {
    return std::unexpected(
        status::forbidden({"certificates.k8s.io", "certificatesigningrequests"}, object.meta.name, why));
  };
  if (node->empty()) return refuse("could not determine node from user " + go_quote(user.user));
  if (!is_for_kubelets(object.spec->signer_name)) return {};
  const auto subject = inspector.verify_request(object.spec->request);
  if (!subject) return refuse("unable to parse csr: " + subject.error());
  if (subject->common_name != user.user) return refuse("can only create a node CSR with CN=" + user.user);
  return {};
}

}  // namespace csrflow::api
