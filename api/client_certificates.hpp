// Users by client certificate, as kube-apiserver reads them: CN is the user, each O a group.
#pragma once

#include <expected>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "api/http.hpp"
#include "engine/identity.hpp"
#include "engine/ports.hpp"

namespace csrflow::api {

/// Chains that were verified once are remembered as long as all of their certificates are valid.
constexpr std::size_t max_remembered_chains = 4096;

/// Thread-safe.
class ClientCertificates {
 public:
  /// Trusts the certificates in `authorities` (PEM), each as an anchor. Throws std::runtime_error when there
  /// is none.
  ClientCertificates(const std::string& authorities, const engine::Clock&);
  ~ClientCertificates();
  ClientCertificates(const ClientCertificates&) = delete;
  ClientCertificates& operator=(const ClientCertificates&) = delete;

  using Identified = std::expected<std::shared_ptr<const engine::Identity>, std::string>;
  /// Whom the certificate names; null when it names nobody (no CN). An error when it does not chain to an
  /// authority, is outside its validity, or is not for client authentication.
  Identified identify(const PeerCertificates&) const;

  struct Expired {
    std::shared_ptr<const engine::Identity> identity;
    engine::Timestamp not_after;
  };
  /// Whom a certificate names that has expired and is good in all else, its issuers included; nothing when
  /// that is not so.
  std::optional<Expired> expired(const PeerCertificates&) const;

 private:
  struct Known {
    std::shared_ptr<const engine::Identity> identity;
    engine::Timestamp not_before, not_after;
  };
  struct Anchors;
  enum class Leaf { valid, may_have_expired };
  std::expected<Known, std::string> verify(const PeerCertificates&, engine::Timestamp now, Leaf) const;

  const std::unique_ptr<const Anchors> anchors_;
  const engine::Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Known> known_;  // by the chain's digest; guarded by mutex_
};

}  // namespace csrflow::api
