// JSON Web Tokens of an issuer, signed here with OpenSSL; rules as kube-apiserver's --oidc-* options.
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "api/oidc.hpp"
#include "api/openssl_handles.hpp"
#include "engine/base64.hpp"
#include "tests/catch.hpp"
#include "tests/support/memory_log.hpp"

namespace csrflow::api {
namespace {

using Json = nlohmann::json;
using Groups = std::vector<std::string>;

std::string base64url(std::string_view bytes) {
  std::string text;
  engine::append_base64(text, bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

/// An issuer's RSA key.
class SigningKey {
 public:
  explicit SigningKey(std::string id) : id_(std::move(id)), key_(EVP_RSA_gen(2048)) { REQUIRE(key_); }

  Json public_key() const {
    return {{"kty", "RSA"}, {"kid", id_}, {"use", "sig"}, {"n", number("n")}, {"e", number("e")}};
  }
  std::string sign(const Json& claims, Json header = Json::object()) const {
    for (const auto* name : {"alg", "kid"})
      if (!header.contains(name)) header[name] = name == std::string("alg") ? "RS256" : id_;
    const auto text = base64url(header.dump()) + '.' + base64url(claims.dump());
    const std::unique_ptr<EVP_MD_CTX, FreeHandle<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    std::size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1);
    std::string signature(size, '\0');
    REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                           text.size()) == 1);
    signature.resize(size);
    return text + '.' + base64url(signature);
  }

 private:
  std::string number(const char* name) const {
    BIGNUM* value = nullptr;
    REQUIRE(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(value);
    return base64url(bytes);
  }

  std::string id_;
  KeyHandle key_;
};

std::string key_set(const std::vector<const SigningKey*>& keys) {
  Json list = Json::array();
  for (const auto* key : keys) list.push_back(key->public_key());
  return Json{{"keys", list}}.dump();
}

constexpr KeyPace only_when_asked{std::chrono::hours(1), std::chrono::hours(1), std::chrono::seconds(0)};
constexpr std::int64_t now_seconds = 1'790'000'000;

struct Issuer {
  SigningKey key{"one"};
  csrflow::test::ManualClock clock;
  OidcRules rules{.issuer = "https://issuer.example.com",
                  .client_id = "csrflow",
                  .username_claim = "sub",
                  .username_prefix = "",
                  .groups_claim = "groups",
                  .groups_prefix = "oidc:",
                  .required_claims = {}};
  std::mutex mutex;
  std::string served = key_set({&key});  // guarded by mutex
  std::shared_ptr<IssuerKeys> keys = std::make_shared<IssuerKeys>(
      [this](const std::stop_token&) -> std::expected<std::string, std::string> {
        const std::lock_guard lock(mutex);
        return served;
      },
      only_when_asked, JsonWebKeys::parse(served).value(), nullptr);

  Json claims(const Json& more = Json::object()) const {
    Json all{{"iss", rules.issuer}, {"aud", "csrflow"}, {"sub", "jane"}, {"exp", now_seconds + 60}};
    all.update(more);
    return all;
  }
  std::expected<std::shared_ptr<const engine::Identity>, Rejection> identify(const std::string& token) const {
    return OidcTokens(rules, keys, clock).identify(token);
  }
  /// The user, or why there is none.
  std::string user(const Json& more = Json::object()) const {
    const auto found = identify(key.sign(claims(more)));
    if (!found) return found.error().why;
    return *found ? (*found)->user : "another's";
  }
};

TEST_CASE("a token names its user and groups, with prefixes") {
  Issuer issuer;
  const auto found =
      issuer.identify(issuer.key.sign(issuer.claims({{"groups", {"a", "b"}}, {"jti", "t-1"}})));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->user == "https://issuer.example.com#jane");
  CHECK((*found)->groups == Groups{"oidc:a", "oidc:b", "system:authenticated"});
  CHECK((*found)->by == engine::Authentication::oidc);
  CHECK((*found)->credential == "jti:t-1");
  issuer.rules.username_prefix = "-";
  CHECK(issuer.user() == "jane");
  issuer.rules.username_prefix = "corp/";
  CHECK(issuer.user() == "corp/jane");
}

TEST_CASE("an e-mail address is a name without a prefix, when it is verified or nothing is said") {
  Issuer issuer;
  issuer.rules.username_claim = "email";
  CHECK(issuer.user({{"email", "jane@example.com"}}) == "jane@example.com");
  CHECK(issuer.user({{"email", "jane@example.com"}, {"email_verified", true}}) == "jane@example.com");
  CHECK(issuer.user({{"email", "jane@example.com"}, {"email_verified", false}}) ==
        "oidc: verify token: email not verified");
  CHECK(issuer.user({{"email", "jane@example.com"}, {"email_verified", "true"}}) ==
        "oidc: verify token: claim email_verified is no boolean");
  CHECK(issuer.user() == "oidc: verify token: claim email is not present");
}

TEST_CASE("a token is good for its audience and its time only") {
  Issuer issuer;
  const std::string name = "https://issuer.example.com#jane";
  CHECK(issuer.user({{"aud", {"other", "csrflow"}}}) == name);
  CHECK(issuer.user({{"aud", "other"}}) == "oidc: verify token: the token is for another audience");
  CHECK(issuer.user({{"exp", now_seconds}}) == "oidc: verify token: the token has expired");
  CHECK(issuer.user({{"exp", nullptr}}) == "oidc: verify token: claim exp is no time");
  CHECK(issuer.user({{"nbf", now_seconds + 301}}) == "oidc: verify token: the token is not good yet");
  CHECK(issuer.user({{"nbf", now_seconds + 300}}) == name);
  CHECK(issuer.user({{"iss", "https://other.example.com"}}) == "another's");
}

TEST_CASE("required claims must be there, and the system's names are nobody's to give") {
  Issuer issuer;
  issuer.rules.required_claims = {{"team", "pki"}};
  CHECK(issuer.user() == "oidc: verify token: claim team is not present");
  CHECK(issuer.user({{"team", "web"}}) == "oidc: verify token: claim team has another value");
  CHECK(issuer.user({{"team", "pki"}}) == "https://issuer.example.com#jane");
  issuer.rules = {.issuer = issuer.rules.issuer,
                  .client_id = "csrflow",
                  .username_prefix = "-",
                  .groups_claim = "groups"};
  const std::string reserved =
      "oidc: verify token: names that begin with system: are not an issuer's to give";
  CHECK(issuer.user({{"sub", "system:admin"}}) == reserved);
  CHECK(issuer.user({{"groups", {"a", "system:masters"}}}) == reserved);
  CHECK(issuer.user({{"groups", "system:masters"}}) == reserved);
}

TEST_CASE("what is signed otherwise, changed, or no token is not believed") {
  Issuer issuer;
  const SigningKey stranger("one");
  const auto why = [&](const std::string& token) {
    const auto found = issuer.identify(token);
    return found ? std::string(*found ? "believed" : "another's") : found.error().why;
  };
  CHECK(why(stranger.sign(issuer.claims())) == "oidc: verify token: failed to verify signature");
  auto token = issuer.key.sign(issuer.claims());
  const auto other = issuer.key.sign(issuer.claims({{"sub", "admin"}}));
  token.replace(token.find('.') + 1, token.rfind('.') - token.find('.') - 1,
                other.substr(other.find('.') + 1, other.rfind('.') - other.find('.') - 1));
  CHECK(why(token) == "oidc: verify token: failed to verify signature");
  CHECK(why(issuer.key.sign(issuer.claims(), {{"alg", "none"}})) != "believed");
  CHECK(why(issuer.key.sign(issuer.claims(), {{"alg", "HS256"}})) != "believed");
  CHECK(why(issuer.key.sign(issuer.claims(), {{"alg", "RS512"}})) != "believed");
  CHECK(why(issuer.key.sign(issuer.claims(), {{"crit", {"b64"}}})) == "another's");
  for (const auto* text : {"", "a.b.c", "..", "abcdef.0123456789abcdef", "eyJhbGciOiJSUzI1NiJ9.e30.AA"})
    CHECK(why(text) == "another's");
}

TEST_CASE("a new key is fetched when a token names it; one that is gone is good no more") {
  Issuer issuer;
  const SigningKey next("two");
  const auto token = next.sign(issuer.claims());
  {
    const std::lock_guard lock(issuer.mutex);
    issuer.served = key_set({&next});
  }
  auto first = issuer.identify(token);
  REQUIRE_FALSE(first);
  REQUIRE(first.error().wait);
  std::promise<void> fetched;
  first.error().wait([&] { fetched.set_value(); });
  REQUIRE(fetched.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  CHECK(issuer.identify(token).value()->user == "https://issuer.example.com#jane");
  CHECK_FALSE(issuer.identify(issuer.key.sign(issuer.claims())).has_value());
}

TEST_CASE("whoever waits for keys is answered when they stop, and nobody waits after that") {
  std::promise<void> asked;
  IssuerKeys keys(
      [&](const std::stop_token& stop) -> std::expected<std::string, std::string> {
        asked.set_value();
        std::promise<void> stopped;
        const std::stop_callback told(stop, [&] { stopped.set_value(); });
        stopped.get_future().wait();
        return std::unexpected("stopped");
      },
      only_when_asked, nullptr, nullptr);
  REQUIRE(asked.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  int answered = 0;
  keys.fetch_then([&] { ++answered; });
  CHECK(keys.worth_fetching());
  keys.stop();
  CHECK(answered == 1);
  CHECK_FALSE(keys.worth_fetching());
  keys.fetch_then([&] { ++answered; });
  CHECK(answered == 2);
}

TEST_CASE("forged tokens do not make keys fetched more often than at the pace") {
  int fetched = 0;
  {
    IssuerKeys keys(
        [&](const std::stop_token&) -> std::expected<std::string, std::string> {
          ++fetched;
          return R"({"keys":[]})";
        },
        {std::chrono::hours(1), std::chrono::hours(1), std::chrono::hours(1)}, nullptr, nullptr);
    for (int i = 0; i < 3; ++i) {
      std::promise<void> answered;
      keys.fetch_then([&] { answered.set_value(); });
      REQUIRE(answered.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
    }
    CHECK_FALSE(keys.worth_fetching());
  }
  CHECK(fetched == 1);
}

TEST_CASE("keys that cannot be had leave those that are known") {
  Issuer issuer;
  {
    const std::lock_guard lock(issuer.mutex);
    issuer.served = "no JSON";
  }
  std::promise<void> fetched;
  issuer.keys->fetch_then([&] { fetched.set_value(); });
  REQUIRE(fetched.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  CHECK(issuer.user() == "https://issuer.example.com#jane");
}

TEST_CASE("rules that cannot be meant are refused") {
  OidcRules rules{.issuer = "https://a", .client_id = "b"};
  CHECK_FALSE(problem_of(rules));
  rules.issuer = "http://a";
  CHECK(problem_of(rules));
  rules = {.issuer = "https://a"};
  CHECK(problem_of(rules));
  rules = {.issuer = "https://a", .client_id = "b", .algorithms = {"HS256"}};
  CHECK(problem_of(rules) == "signing algorithm HS256 is not supported");
}

}  // namespace
}  // namespace csrflow::api
