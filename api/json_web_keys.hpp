// JSON Web Keys (RFC 7517) and the signatures that they prove (RFC 7515), by libcjose.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::api {

/// The signature algorithms that a token may have: those with a public key.
const std::vector<std::string>& public_key_algorithms();

/// A token in compact form, taken apart and not yet believed.
class SignedToken {
 public:
  /// Null when the text is no JWS.
  static std::unique_ptr<SignedToken> parse(std::string_view text);
  ~SignedToken();
  SignedToken(const SignedToken&) = delete;
  SignedToken& operator=(const SignedToken&) = delete;

  const std::string& algorithm() const { return algorithm_; }
  const std::string& key_id() const { return key_id_; }
  const std::string& payload() const { return payload_; }

 private:
  friend class JsonWebKeys;
  struct Parsed;
  explicit SignedToken(std::unique_ptr<Parsed>);

  const std::unique_ptr<Parsed> parsed_;
  std::string algorithm_, key_id_, payload_;
};

/// An issuer's keys. Constant once made; thread-safe.
class JsonWebKeys {
 public:
  /// Keys of kinds that cannot be used here are passed over. An error when the text is no set of keys.
  static std::expected<std::shared_ptr<const JsonWebKeys>, std::string> parse(std::string_view json);
  ~JsonWebKeys();
  JsonWebKeys(const JsonWebKeys&) = delete;
  JsonWebKeys& operator=(const JsonWebKeys&) = delete;

  /// Has one of the keys with the token's key id, or any key when it names none, signed it?
  bool verify(SignedToken&) const;
  std::size_t size() const;

 private:
  struct Key;
  JsonWebKeys();
  std::vector<Key> keys_;
};

}  // namespace csrflow::api
