// The server over HTTPS: the Kubernetes API of certificates.k8s.io/v1, and csrflow's two paths beside it.
#pragma once

#include "agent/server.hpp"

namespace csrflow::agent {

/// Each call has a connection of its own, and so has each watch. The stop token ends them all.
class ServerClient : public Server {
 public:
  ServerClient(ServerAddress address, TlsSide side, std::stop_token stop)
      : address_(std::move(address)), side_(std::move(side)), stop_(std::move(stop)) {}

  Answer<RequestObject> create(const NewRequest&) override;
  Answer<RequestObject> get(const std::string& name) override;
  Answer<RequestList> list(const std::string& host) override;
  Answer<std::unique_ptr<Watch>> watch(const std::string& host, const std::string& version) override;
  Answer<std::unique_ptr<Watch>> watch_one(const std::string& name, const std::string& version) override;
  Answer<void> report(const std::string& name, const InstallationReport&) override;
  Answer<RequestObject> rekey(const std::string& name, const RekeyRequest&) override;
  Answer<engine::Bytes> authorities(const engine::SignerName&) override;

 private:
  Answer<std::string> ask(std::string_view method, const std::string& path, const std::string& body = {});
  Answer<std::unique_ptr<Watch>> watch_by(const std::string& selector, const std::string& version);

  ServerAddress address_;
  TlsSide side_;
  std::stop_token stop_;
};

}  // namespace csrflow::agent
