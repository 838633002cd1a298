#include "tests/signer/support.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace csrflow::signer::testing {
namespace {

AuthorityDraft draft(const EVP_PKEY& key, engine::Timestamp made_at) {
  return draft_authority(spki_of(key), made_at, counting(0xf0));
}

Authority self_signed(KeySigner& signer, const AuthorityDraft& drafted) {
  const auto der = signer.sign(drafted.ski, drafted.tbs);
  if (!der) throw std::runtime_error(der.error());
  auto authority = read_authority(issued_certificate(*der).pem);
  if (!authority) throw std::runtime_error(authority.error());
  return *authority;
}

KeyPtr share(const KeyPtr& key) {
  EVP_PKEY_up_ref(key.get());
  return KeyPtr(key.get());
}

}  // namespace

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string fixture(const std::string& name) {
  return contents(std::filesystem::path(CSRFLOW_FIXTURES) / (name + ".pem"));
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "csrflow-signer-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}
Folder::~Folder() {
  std::filesystem::remove_all(path_);
}

Run run(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1 </dev/null").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no shell");
  std::string output;
  char buffer[4096];
  while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  return {WEXITSTATUS(pclose(pipe)), output};
}

std::array<std::uint8_t, 16> counting(std::uint8_t first) {
  std::array<std::uint8_t, 16> bytes{};
  for (auto& byte : bytes) byte = first++;
  return bytes;
}

TestAuthority::TestAuthority(KeyPtr key, engine::Timestamp made_at)
    : authority([&] {
        const auto drafted = draft(*key, made_at);
        KeySigner first(share(key), drafted.ski);
        return self_signed(first, drafted);
      }()),
      signer(std::move(key), authority.ski) {}

engine::CsrSpec client_spec(std::string request, std::vector<std::string> usages) {
  engine::CsrSpec spec;
  spec.request = std::move(request);
  spec.signer_name = {"kubernetes.io/kube-apiserver-client"};
  spec.usages = std::move(usages);
  return spec;
}

SignerProfile own_profile(const std::string& spec_json, engine::Position since) {
  auto spec = read_signer_spec(spec_json);
  if (!spec) throw std::invalid_argument(spec.error().front().path + ": " + spec.error().front().text);
  std::string hash = hash_of(*spec);
  return {{"example.com/web"}, std::move(*spec), std::move(hash), since, since};
}

engine::CsrSpec own_spec(std::string request, std::vector<std::string> usages) {
  engine::CsrSpec spec = client_spec(std::move(request), std::move(usages));
  spec.signer_name = {"example.com/web"};
  return spec;
}

}  // namespace csrflow::signer::testing
