// What the signer's tests share: fixtures, a folder of their own, the openssl command.
#pragma once

#include <filesystem>
#include <string>

#include "signer/authority.hpp"
#include "signer/certificate_authority.hpp"
#include "signer/key_signer.hpp"
#include "signer/signer_document.hpp"

namespace csrflow::signer::testing {

/// `csr/jane-p256`, `certs/leaf`: recorded from a real kube-apiserver's conformance cases.
std::string fixture(const std::string& name);

std::string contents(const std::filesystem::path&);
void write(const std::filesystem::path&, std::string_view text);

/// A folder that goes away with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct Run {
  int exit_code;
  std::string output;  ///< both streams
};
/// A shell command.
Run run(const std::string& command);

/// 16 bytes that count up from `first`.
std::array<std::uint8_t, 16> counting(std::uint8_t first);

/// 2026-07-01T12:00:00.25Z
constexpr engine::Timestamp noon{1'782'907'200'250'000};

/// A CA made as `init` makes it, with its key.
struct TestAuthority {
  explicit TestAuthority(KeyPtr key, engine::Timestamp made_at = noon);
  Authority authority;
  KeySigner signer;
};

/// The request for the built-in client signer, as a spec.
engine::CsrSpec client_spec(std::string request, std::vector<std::string> usages = {"client auth"});

/// Signer example.com/web with this spec, in force from position 10 on.
SignerProfile own_profile(const std::string& spec_json, engine::Position since = {10});
/// A request to it.
engine::CsrSpec own_spec(std::string request,
                         std::vector<std::string> usages = {"digital signature", "server auth"});

}  // namespace csrflow::signer::testing
