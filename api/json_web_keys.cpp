#include "api/json_web_keys.hpp"

#include <cjose/cjose.h>

#include <algorithm>

#include "api/json_tree.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

struct FreeKey {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
struct FreeToken {
  void operator()(cjose_jws_t* token) const { cjose_jws_release(token); }
};

struct FreeText {
  void operator()(char* text) const { cjose_get_dealloc()(text); }
};

std::string header_text(cjose_header_t* header, const char* name) {
  cjose_err problem{};
  const char* value = header ? cjose_header_get(header, name, &problem) : nullptr;
  return value ? value : "";
}

/// Does the header name extensions that must be understood (RFC 7515 4.1.11)? None is understood here.
bool is_critical(cjose_header_t* header) {
  cjose_err problem{};
  const std::unique_ptr<char, FreeText> value(header ? cjose_header_get_raw(header, "crit", &problem)
                                                     : nullptr);
  return value != nullptr;
}

std::string text_of(const JsonValue& object, std::string_view name) {
  const JsonValue* value = object.find(name);
  return value && value->kind == JsonValue::Kind::text ? value->text : std::string();
}

/// The texts of one key again, for the library: a public key has no other members that count.
std::string key_json(const JsonValue& key) {
  std::string out;
  {
    engine::JsonObject json(out);
    for (const auto* name : {"kty", "n", "e", "crv", "x", "y"})
      if (const auto value = text_of(key, name); !value.empty()) json.text(name, value);
  }
  return out;
}

}  // namespace

const std::vector<std::string>& public_key_algorithms() {
  static const std::vector<std::string> all{"RS256", "RS384", "RS512", "ES256", "ES384",
                                            "ES512", "PS256", "PS384", "PS512"};
  return all;
}

struct SignedToken::Parsed {
  std::unique_ptr<cjose_jws_t, FreeToken> token;
};

SignedToken::SignedToken(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
SignedToken::~SignedToken() = default;

std::unique_ptr<SignedToken> SignedToken::parse(std::string_view text) {
  if (std::ranges::count(text, '.') != 2) return nullptr;
  cjose_err problem{};
  auto parsed = std::make_unique<Parsed>();
  parsed->token.reset(cjose_jws_import(text.data(), text.size(), &problem));
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (!parsed->token || !cjose_jws_get_plaintext(parsed->token.get(), &bytes, &size, &problem))
    return nullptr;
  cjose_header_t* header = cjose_jws_get_protected(parsed->token.get());
  if (is_critical(header)) return nullptr;
  std::unique_ptr<SignedToken> token(new SignedToken(std::move(parsed)));
  token->algorithm_ = header_text(header, "alg");
  token->key_id_ = header_text(header, "kid");
  token->payload_.assign(reinterpret_cast<const char*>(bytes), size);
  return token;
}

struct JsonWebKeys::Key {
  std::string id, algorithm;  ///< either may be empty
  std::unique_ptr<cjose_jwk_t, FreeKey> key;
};

JsonWebKeys::JsonWebKeys() = default;
JsonWebKeys::~JsonWebKeys() = default;

std::expected<std::shared_ptr<const JsonWebKeys>, std::string> JsonWebKeys::parse(std::string_view json) {
  const auto tree = parse_json(json);
  if (!tree) return std::unexpected("the keys are no JSON: " + tree.error());
  const JsonValue* list = tree->find("keys");
  if (!list || list->kind != JsonValue::Kind::list) return std::unexpected("there is no list `keys`");
  const std::shared_ptr<JsonWebKeys> keys(new JsonWebKeys);
  for (const auto& one : list->items) {
    if (one.kind != JsonValue::Kind::object || text_of(one, "use") == "enc") continue;
    const auto kind = text_of(one, "kty");
    if (kind != "RSA" && kind != "EC") continue;
    cjose_err problem{};
    const auto text = key_json(one);
    Key key{text_of(one, "kid"), text_of(one, "alg"), nullptr};
    key.key.reset(cjose_jwk_import(text.data(), text.size(), &problem));
    if (key.key) keys->keys_.push_back(std::move(key));
  }
  return keys;
}

std::size_t JsonWebKeys::size() const {
  return keys_.size();
}

bool JsonWebKeys::verify(SignedToken& token) const {
  const auto& known = public_key_algorithms();
  if (std::ranges::find(known, token.algorithm()) == known.end()) return false;
  return std::ranges::any_of(keys_, [&](const Key& key) {
    if (!token.key_id().empty() && key.id != token.key_id()) return false;
    if (!key.algorithm.empty() && key.algorithm != token.algorithm()) return false;
    const bool rsa = cjose_jwk_get_kty(key.key.get(), nullptr) == CJOSE_JWK_KTY_RSA;
    if (rsa == token.algorithm().starts_with("ES")) return false;
    cjose_err problem{};
    return cjose_jws_verify(token.parsed_->token.get(), key.key.get(), &problem);
  });
}

}  // namespace csrflow::api
