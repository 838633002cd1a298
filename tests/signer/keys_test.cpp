// Key custody: files, passphrases, and the log's verifier key.
#include "signer/keys.hpp"

#include "signer/random.hpp"
#include "tests/catch.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;
namespace fs = std::filesystem;

namespace {

Secret secret(const char* text) {
  return Secret(text);
}

std::string complaint(const fs::path& path, const Secret& passphrase = {}) {
  try {
    load_private_key(path, passphrase);
    return "";
  } catch (const KeyFileError& error) {
    return std::string(error.what()).substr(path.string().size() + 2);
  }
}

bool same(const KeyPtr& a, const KeyPtr& b) {
  return EVP_PKEY_eq(a.get(), b.get()) == 1;
}

}  // namespace

TEST_CASE("a key comes back from its file, which only its owner may read") {
  const Folder folder;
  const auto path = folder / "ca.key";
  const KeyPtr key = generate_p256();
  save_private_key(path, *key);
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK_THAT(contents(path), Catch::StartsWith("-----BEGIN PRIVATE KEY-----\n"));
  CHECK(same(load_private_key(path), key));
  CHECK(std::distance(fs::directory_iterator(path.parent_path()), fs::directory_iterator{}) == 1);
}

TEST_CASE("a key file that others can reach is refused") {
  const Folder folder;
  const auto path = folder / "ca.key";
  save_private_key(path, *generate_p256());
  fs::permissions(path, fs::perms(0644));
  CHECK(complaint(path) ==
        "can be reached by others than its owner (mode 0644); run: chmod 600 " + path.string());
  fs::permissions(path, fs::perms(0620));
  CHECK_THAT(complaint(path), Catch::Contains("mode 0620"));
  fs::permissions(path, fs::perms(0400));
  CHECK(complaint(path).empty());
}

TEST_CASE("an existing key is never overwritten") {
  const Folder folder;
  const auto path = folder / "ca.key";
  const KeyPtr first = generate_p256();
  save_private_key(path, *first);
  CHECK_THROWS_WITH(save_private_key(path, *generate_p256()), Catch::Contains("a key is never overwritten"));
  CHECK(same(load_private_key(path), first));
}

TEST_CASE("an encrypted key needs its passphrase") {
  const Folder folder;
  const auto path = folder / "ca.key";
  const KeyPtr key = generate_p256();
  save_private_key(path, *key, secret("correct horse"));
  CHECK_THAT(contents(path), Catch::StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
  CHECK(same(load_private_key(path, secret("correct horse")), key));
  CHECK(complaint(path) == "is encrypted; name its passphrase file");
  CHECK(complaint(path, secret("wrong")) ==
        "cannot be decrypted: the passphrase is wrong or the file is damaged");
  const auto shown = run("openssl asn1parse -in " + path.string());
  CHECK_THAT(shown.output,
             Catch::Contains("PBES2") && Catch::Contains("scrypt") && Catch::Contains("aes-256-cbc"));
  CHECK(run("openssl pkey -noout -passin 'pass:correct horse' -in " + path.string()).exit_code == 0);

  save_private_key(folder / "plain.key", *key);
  CHECK(complaint(folder / "plain.key", secret("x")) == "is not encrypted, but a passphrase is given");
}

TEST_CASE("a passphrase file keeps the rules of keys") {
  const Folder folder;
  write_private_file(folder / "pass", "correct horse\n");
  CHECK(read_passphrase(folder / "pass").view() == "correct horse");
  fs::permissions(folder / "pass", fs::perms(0640));
  CHECK_THROWS_AS(read_passphrase(folder / "pass"), KeyFileError);
  write_private_file(folder / "empty", "\n");
  CHECK_THROWS_WITH(read_passphrase(folder / "empty"), Catch::Contains("empty"));
}

TEST_CASE("what holds no key says so") {
  const Folder folder;
  write_private_file(folder / "text", "hello");
  CHECK(complaint(folder / "text") == "holds no private key in PEM");
  CHECK_THAT(complaint(folder / "missing"), Catch::StartsWith("cannot be read: "));
  fs::create_directory(folder / "folder");
  CHECK(complaint(folder / "folder") == "is not a regular file");
  write_private_file(folder / "huge", std::string(max_private_file + 1, 'x'));
  CHECK(complaint(folder / "huge") == "is too long for a key");
}

TEST_CASE("the log's verifier key is C2SP's") {
  // Seed = SHA-256 of `csrflow test log key`.
  const auto seed = *engine::from_hex("1551b0f545b71d11853e7ee7ae0de0d123dac3542ed4a21f21072337566b5193");
  const KeyPtr key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(std::string_view(seed)), 32));
  const auto pub = ed25519_public(*key);
  CHECK(engine::to_hex(pub) == "9bfb0e39f2e353f835d3819140fab1773c140a042d5b6afc70c7682a14f737ea");
  CHECK(log_verifier_key("csrflow.example/log", pub) ==
        "csrflow.example/log+f670a0cb+AZv7Djny41P4NdOBkUD6sXc8FAoELVtq/HDHaCoU9zfq");
  CHECK_THROWS_AS(log_verifier_key("a b", pub), std::invalid_argument);
  CHECK_THROWS_AS(log_verifier_key("a+b", pub), std::invalid_argument);
  CHECK_THROWS_AS(log_verifier_key("", pub), std::invalid_argument);
}

TEST_CASE("the log's key signs as RFC 8032 says") {
  // RFC 8032 7.1, TEST 2.
  const auto seed = *engine::from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const KeyPtr key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(std::string_view(seed)), 32));
  CHECK(engine::to_hex(ed25519_sign(*key, "\x72")) ==
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  CHECK_THROWS_AS(ed25519_public(*generate_p256()), OpenSslError);
}

TEST_CASE("random bytes come in any length and do not repeat") {
  SystemRandom random;
  std::vector<std::string> seen;
  for (const std::size_t length : {16U, 64U, 512U, 513U, 5000U}) {
    for (int draw = 0; draw < 20; ++draw) {
      std::vector<std::uint8_t> bytes(length);
      random.fill(bytes);
      seen.emplace_back(bytes.begin(), bytes.begin() + 16);
    }
  }
  std::ranges::sort(seen);
  CHECK(std::ranges::adjacent_find(seen) == seen.end());
}
