// The files of one certificate on a host, and the order in which they change: whoever opens `current` finds a
// matching pair, whatever stops the agent or the machine. The format stands in state_directory.cpp.
#pragma once

#include "agent/files.hpp"
#include "agent/request.hpp"
#include "agent/version.hpp"

namespace csrflow::agent {

/// The state cannot be used; the text says what to do.
struct StateError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct FileLayout {
  FileAccess key{.mode = 0600};          ///< tls.key: PKCS#8 PEM
  FileAccess certificate{.mode = 0644};  ///< tls.crt: leaf, then intermediates
  FileAccess authorities{.mode = 0644};  ///< ca.crt
  bool combined = false;                 ///< full.pem: key, leaf, intermediates; with the key's access
  mode_t directory_mode = 0755;          ///< of DIR, versions and each of them; 0711 hides their names
  std::size_t kept_versions = 3;
};
/// A sentence for a layout that is refused: a key for everybody, a key that its owner cannot read, a
/// directory that others can write, fewer than two versions.
std::optional<std::string> refusal_of(const FileLayout&);

/// The key of a request under way.
struct PendingRequest {
  std::string name;             ///< of the request: `web-1-0123456789ab`
  std::int64_t generation = 0;  ///< the caller's count of requests for this certificate
  PrivateKey key;
  engine::Bytes request;  ///< PKCS#10 PEM, as it is sent
};

/// Belongs to one thread. Every call throws FileError or StateError and is durable when it returns.
class StateDirectory {
 public:
  /// Opens DIR and locks it; makes what is missing and removes what a crash left half done. The file system
  /// outlives it. StateError when
  /// another agent holds it, when `current` is no symlink, and for a layout that is refused.
  StateDirectory(FileSystem&, const std::filesystem::path& directory, FileLayout);

  /// `DIR/current`: what applications read from.
  std::filesystem::path current_path() const;
  const std::filesystem::path& path() const { return directory_.path(); }

  /// Writes, syncs and removes a file, so that a full or read-only disk is known before a request is made.
  void require_writable();

  std::optional<PendingRequest> pending();
  /// Before the request is sent: a crash never loses the key of a certificate that was issued. StateError
  /// when there is one.
  void keep_pending(const PendingRequest&);
  void drop_pending();

  std::optional<Version> current();
  /// Newest first.
  std::vector<Version> versions();
  /// PEM of tls.crt.
  engine::Bytes certificate(const Version&);
  /// PEM of ca.crt.
  engine::Bytes authorities(const Version&);
  PrivateKey key(const Version&);
  /// Does `current` hold the pending key's certificate? Then the swap is done, and what is left is hook,
  /// probe and `settle`.
  bool swapped();

  struct NewVersion {
    const PrivateKey& key;
    std::string_view certificate, authorities;  ///< PEM
    VersionFacts facts;                         ///< `replaces` is filled in
  };
  /// Writes a complete version beside the others; `current` stays. One of the same serial that was rolled
  /// back is replaced.
  Version add(const NewVersion&);
  /// One rename changes all files at once.
  void make_current(const Version&);
  /// What `current` was before, unless there was none or it is gone.
  std::optional<Version> previous();
  /// The certificate works: the pending key and all but the newest versions are removed.
  void settle();

 private:
  OpenFile open_versions();
  void refuse_foreign_current();
  void remove_leftovers();
  std::optional<Version> version(const std::string& name);
  engine::Bytes content(const Version&, const std::string& file, std::size_t most);
  void remove(const Version&);

  FileSystem& files_;
  FileLayout layout_;
  OpenFile directory_, versions_;
};

}  // namespace csrflow::agent
