#include "tools/kubeconfig.hpp"

#include "engine/base64.hpp"

namespace csrflow::tools {

std::string kubeconfig(std::string_view server_url, std::string_view ca, std::string_view certificate,
                       std::string_view key) {
  std::string text = "apiVersion: v1\nkind: Config\nclusters:\n- name: csrflow\n  cluster:\n    server: ";
  text += server_url;
  text += "\n    certificate-authority-data: ";
  engine::append_base64(text, ca);
  text += "\nusers:\n- name: csrflow-admin\n  user:\n    client-certificate-data: ";
  engine::append_base64(text, certificate);
  text += "\n    client-key-data: ";
  engine::append_base64(text, key);
  text +=
      "\ncontexts:\n- name: csrflow\n  context:\n    cluster: csrflow\n    user: "
      "csrflow-admin\ncurrent-context: csrflow\n";
  return text;
}

}  // namespace csrflow::tools
