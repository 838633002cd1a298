// The one component that uses the CA's private key: it signs exactly the bytes that the log holds.
#pragma once

#include <mutex>
#include <vector>

#include "engine/ports.hpp"
#include "signer/algorithm.hpp"

namespace csrflow::signer {

/// Thread-safe. Each signature is verified with the public key before it leaves, so a fault of the machine
/// never gives a wrong certificate (or the key away).
class KeySigner : public engine::CertificateSigner {
 public:
  /// `ski`: lower-case hex, the CA's name in drafts. Throws std::invalid_argument for a key that cannot be a
  /// CA's.
  KeySigner(KeyPtr key, std::string ski);

  std::expected<engine::Bytes, std::string> sign(const std::string& issuer_ski,
                                                 const engine::Bytes& tbs) override;
  engine::Bytes spki() const { return spki_of(*key_); }

 private:
  /// Prepared contexts; making one takes as long as a signature.
  struct Contexts {
    KeyContextPtr sign, verify;  // null for Ed25519
    DigestContextPtr message;
  };
  Contexts make_contexts() const;
  Contexts borrow();
  void give_back(Contexts);
  std::expected<engine::Bytes, std::string> sign_digest(Contexts&, std::string_view tbs) const;
  std::expected<engine::Bytes, std::string> sign_message(Contexts&, std::string_view tbs) const;

  const KeyPtr key_;
  const std::string ski_;
  const SignatureAlgorithm algorithm_;
  const engine::Bytes identifier_;  // of the algorithm
  std::mutex mutex_;
  std::vector<Contexts> idle_;  // guarded by mutex_; at most one a thread that ever signed
};

}  // namespace csrflow::signer
