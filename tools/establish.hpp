// What a first start makes and every start reads: the log's first events, the log key, the CA. Each step can
// be the last one before a crash; the next start goes on from there.
#pragma once

#include <memory>

#include "engine/ports.hpp"
#include "signer/authority.hpp"
#include "signer/key_signer.hpp"
#include "tools/commands.hpp"

namespace csrflow::tools {

/// Files of the data directory beside the store's.
struct KeyFiles {
  std::filesystem::path directory;
  std::filesystem::path log_key() const { return directory / "log.key"; }
  std::filesystem::path ca_key() const { return directory / "ca.key"; }
  std::filesystem::path server_key() const { return directory / "server.key"; }
  std::filesystem::path admin_key() const { return directory / "admin.key"; }
  std::filesystem::path ca_certificate() const { return directory / "ca.crt"; }
  std::filesystem::path kubeconfig() const { return directory / "admin.kubeconfig"; }
};

struct Established {
  signer::Authority authority;
  std::unique_ptr<signer::KeySigner> key;
};

/// Nothing else may write the log meanwhile. Throws SetupError, signer::KeyFileError, engine::LogFailure.
Established establish(engine::EventLog&, const KeyFiles&, const engine::Clock&, engine::Random&,
                      const ServeOptions&);

/// The directory does not fit together; the text says what to do.
struct SetupError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace csrflow::tools
