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

}  // namespace

Authenticators::Authenticators(std::shared_ptr<const ClientCertificates> certificates,
                               std::shared_ptr<const TokenFile> tokens)
    : certificates_(std::move(certificates)), tokens_(std::move(tokens)), anonymous_(nobody()) {}

std::optional<Authenticated> Authenticators::authenticate(const Request& request) const {
  Authenticated result;
  bool failed = false;
  if (certificates_ && request.peer && request.peer->certificates) {
    auto found = certificates_->identify(*request.peer->certificates);
    failed = !found.has_value();
    if (found && *found) {
      result.identity = std::move(*found);
      return result;
    }
  }
  const auto bearer = bearer_of(request.headers.get("Authorization"));
  if (!bearer.token.empty()) {
    result.identity = tokens_ ? tokens_->identify(bearer.token) : nullptr;
    if (result.identity) return result;
    failed = true;
  }
  if (failed) return std::nullopt;
  if (bearer.extra_space)
    result.warnings.emplace_back(
        "the provided Authorization header contains extra space before the bearer token, and is ignored");
  result.identity = anonymous_;
  return result;
}

}  // namespace csrflow::api
