#include "api/authentication.hpp"

#include <algorithm>

namespace csrflow::api {
namespace {

struct Bearer {
  std::string token;  ///< empty: none was presented
  bool extra_space = false;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_bearer(std::string_view scheme) {
  return std::ranges::equal(scheme, std::string_view("bearer"),
                            [](char sent, char wanted) { return (sent | 0x20) == wanted; });
}

/// `Bearer TOKEN` as kube-apiserver splits it: one blank, and what follows a second one does not count.
Bearer bearer_of(std::string_view header) {
  header = trimmed(header);
  const auto blank = header.find(' ');
  if (blank == std::string_view::npos || !is_bearer(header.substr(0, blank))) return {};
  const auto rest = header.substr(blank + 1);
  const auto end = rest.find(' ');
  return {.token = std::string(rest.substr(0, end)), .extra_space = end == 0};
}

std::shared_ptr<const engine::Identity> nobody() {
  return std::make_shared<const engine::Identity>(
      engine::Identity{.user = "system:anonymous",
                       .groups = {std::string(group::unauthenticated)},
                       .by = engine::Authentication::anonymous});
}

/// As Go prints an aggregate of errors.
std::string together(const std::vector<std::string>& reasons) {
  if (reasons.empty()) return "invalid bearer token";
  if (reasons.size() == 1) return reasons.front();
  std::string text = "[";
  for (const auto& reason : reasons) text += (text.size() > 1 ? ", " : "") + reason;
  return text + ']';
}

}  // namespace

Authenticators::Authenticators(std::shared_ptr<const ClientCertificates> certificates,
                               std::shared_ptr<const TokenFile> tokens,
                               std::vector<std::shared_ptr<const BearerTokens>> further, Anonymous anonymous)
    : certificates_(std::move(certificates)),
      tokens_(std::move(tokens)),
      further_(std::move(further)),
      anonymous_(anonymous == Anonymous::allowed ? nobody() : nullptr) {}

std::expected<std::shared_ptr<const engine::Identity>, Rejection> Authenticators::identify(
    std::string_view token) const {
  if (auto found = tokens_ ? tokens_->identify(token) : nullptr) return found;
  std::vector<std::string> reasons;
  Rejection rejection;
  for (const auto& kind : further_) {
    if (!kind) continue;
    auto found = kind->identify(token);
    if (found && *found) return found;
    if (found) continue;
    reasons.push_back(std::move(found.error().why));
    if (!rejection.wait) rejection.wait = std::move(found.error().wait);
  }
  rejection.why = together(reasons);
  return std::unexpected(std::move(rejection));
}

Verdict Authenticators::authenticate(const Request& request) const {
  Authenticated result;
  std::optional<Rejection> rejection;
  if (certificates_ && request.peer && request.peer->certificates) {
    auto found = certificates_->identify(*request.peer->certificates);
    if (found && *found) {
      result.identity = std::move(*found);
      return result;
    }
    if (!found) rejection = Rejection{.why = found.error()};
  }
  const auto bearer = bearer_of(request.headers.get("Authorization"));
  if (!bearer.token.empty()) {
    auto found = identify(bearer.token);
    if (found) {
      result.identity = std::move(*found);
      return result;
    }
    rejection = std::move(found.error());
  }
  if (bearer.token.empty() && rejection)
    rejection->expired = certificates_->expired(*request.peer->certificates);
  if (rejection) return std::unexpected(std::move(*rejection));
  if (!anonymous_) return std::unexpected(Rejection{.why = "no credential"});
  if (bearer.extra_space)
    result.warnings.emplace_back(
        "the provided Authorization header contains extra space before the bearer token, and is ignored");
  result.identity = anonymous_;
  return result;
}

}  // namespace csrflow::api
