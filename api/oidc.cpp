#include "api/oidc.hpp"

#include <algorithm>
#include <charconv>

#include "api/json_tree.hpp"
#include "api/openssl_handles.hpp"
#include "api/status.hpp"

namespace csrflow::api {
namespace {

using Kind = JsonValue::Kind;
using Identified = std::expected<std::shared_ptr<const engine::Identity>, std::string>;

constexpr std::string_view reserved_prefix = "system:";
constexpr std::size_t longest_token_id = 128;
/// An issuer's clock may be ahead; as long as go-oidc, and with it kube-apiserver, forgives it.
constexpr double not_before_leeway_seconds = 300;

/// Why a claim cannot be used.
struct Unusable {
  std::string why;
};

const JsonValue& claim(const JsonValue& claims, const std::string& name) {
  const JsonValue* found = claims.find(name);
  if (!found) throw Unusable{"claim " + name + " is not present"};
  return *found;
}

std::string text_claim(const JsonValue& claims, const std::string& name) {
  const auto& value = claim(claims, name);
  if (value.kind != Kind::text) throw Unusable{"claim " + name + " is no string"};
  return value.text;
}

/// A string, or a list of strings.
std::vector<std::string> texts_claim(const JsonValue& claims, const std::string& name) {
  const auto& value = claim(claims, name);
  if (value.kind == Kind::text) return {value.text};
  std::vector<std::string> texts;
  if (value.kind != Kind::list) throw Unusable{"claim " + name + " is no list of strings"};
  for (const auto& item : value.items) {
    if (item.kind != Kind::text) throw Unusable{"claim " + name + " is no list of strings"};
    texts.push_back(item.text);
  }
  return texts;
}

/// RFC 7519's NumericDate: seconds, maybe with a fraction.
double time_claim(const JsonValue& claims, const std::string& name) {
  const auto& value = claim(claims, name);
  double seconds = 0;
  const auto* end = value.text.data() + value.text.size();
  if (value.kind != Kind::number || std::from_chars(value.text.data(), end, seconds).ptr != end)
    throw Unusable{"claim " + name + " is no time"};
  return seconds;
}

void check_time(const JsonValue& claims, engine::Timestamp now) {
  const double seconds = static_cast<double>(now.microseconds) / 1e6;
  if (time_claim(claims, "exp") <= seconds) throw Unusable{"the token has expired"};
  if (claims.find("nbf") && time_claim(claims, "nbf") > seconds + not_before_leeway_seconds)
    throw Unusable{"the token is not good yet"};
}

void check_audience(const OidcRules& rules, const JsonValue& claims) {
  const auto audiences = texts_claim(claims, "aud");
  if (std::ranges::find(audiences, rules.client_id) == audiences.end())
    throw Unusable{"the token is for another audience"};
}

void check_email(const JsonValue& claims) {
  const JsonValue* verified = claims.find("email_verified");
  if (!verified) return;
  if (verified->kind != Kind::boolean) throw Unusable{"claim email_verified is no boolean"};
  if (!verified->boolean) throw Unusable{"email not verified"};
}

std::string username_prefix(const OidcRules& rules) {
  if (rules.username_prefix == "-") return "";
  if (!rules.username_prefix.empty()) return rules.username_prefix;
  return rules.username_claim == "email" ? "" : rules.issuer + '#';
}

const std::string& checked_name(const std::string& name) {
  if (name.starts_with(reserved_prefix))
    throw Unusable{"names that begin with system: are not an issuer's to give"};
  return name;
}

engine::Identity identity_in(const OidcRules& rules, const JsonValue& claims) {
  engine::Identity identity{.by = engine::Authentication::oidc};
  const auto name = text_claim(claims, rules.username_claim);
  if (name.empty()) throw Unusable{"claim " + rules.username_claim + " is empty"};
  if (rules.username_claim == "email") check_email(claims);
  identity.user = checked_name(username_prefix(rules) + name);
  if (!rules.groups_claim.empty() && claims.find(rules.groups_claim))
    for (const auto& group : texts_claim(claims, rules.groups_claim))
      identity.groups.push_back(checked_name(rules.groups_prefix + group));
  identity.groups.emplace_back(group::authenticated);
  for (const auto& [required, value] : rules.required_claims)
    if (text_claim(claims, required) != value) throw Unusable{"claim " + required + " has another value"};
  if (const JsonValue* id = claims.find("jti");
      id && id->kind == Kind::text && !id->text.empty() && id->text.size() <= longest_token_id)
    identity.credential = "jti:" + id->text;
  return identity;
}

bool is_of_issuer(const OidcRules& rules, const JsonValue& claims) {
  const JsonValue* issuer = claims.find("iss");
  return issuer && issuer->kind == Kind::text && issuer->text == rules.issuer;
}

std::unexpected<Rejection> rejected(std::string why) {
  return std::unexpected(Rejection{.why = "oidc: verify token: " + std::move(why)});
}

}  // namespace

std::optional<std::string> problem_of(const OidcRules& rules) {
  if (!rules.issuer.starts_with("https://")) return "the issuer must be an https:// address";
  if (rules.client_id.empty()) return "the client id is missing";
  if (rules.username_claim.empty()) return "the username claim is empty";
  const auto& known = public_key_algorithms();
  for (const auto& algorithm : rules.algorithms)
    if (std::ranges::find(known, algorithm) == known.end())
      return "signing algorithm " + algorithm + " is not supported";
  return std::nullopt;
}

Identified identity_of_claims(const OidcRules& rules, std::string_view text, engine::Timestamp now) {
  const auto claims = parse_json(text);
  if (!claims || claims->kind != Kind::object) return std::unexpected("the claims are no JSON object");
  try {
    if (!is_of_issuer(rules, *claims)) throw Unusable{"the token is of another issuer"};
    check_audience(rules, *claims);
    check_time(*claims, now);
    return std::make_shared<const engine::Identity>(identity_in(rules, *claims));
  } catch (const Unusable& problem) {
    return std::unexpected(problem.why);
  }
}

OidcTokens::OidcTokens(OidcRules rules, std::shared_ptr<IssuerKeys> keys, const engine::Clock& clock)
    : rules_(std::move(rules)), keys_(std::move(keys)), clock_(clock) {}

std::expected<std::shared_ptr<const engine::Identity>, Rejection> OidcTokens::identify(
    std::string_view text) const {
  const auto token = SignedToken::parse(text);
  if (!token) return nullptr;
  const auto claims = parse_json(token->payload());
  if (!claims || claims->kind != Kind::object || !is_of_issuer(rules_, *claims)) return nullptr;
  if (std::ranges::find(rules_.algorithms, token->algorithm()) == rules_.algorithms.end())
    return rejected("signed with unsupported algorithm " + go_quote(token->algorithm()));
  // What cannot be good with any key needs none.
  auto identity = identity_of_claims(rules_, token->payload(), clock_.now());
  if (!identity) return rejected(identity.error());
  const auto keys = keys_->current();
  if (!keys || !keys->verify(*token)) {
    auto failure = rejected("failed to verify signature");
    if (keys_->worth_fetching())
      failure.error().wait = [keys = keys_](std::move_only_function<void()> then) {
        keys->fetch_then(std::move(then));
      };
    return failure;
  }
  if (!(*identity)->credential.empty()) return *identity;
  auto named = **identity;
  named.credential = "sha256:" + sha256_hex(text);
  return std::make_shared<const engine::Identity>(std::move(named));
}

}  // namespace csrflow::api
