// Bearer tokens of csrflow's own: stream `token/<id>`. The secret half of a token is never here, only its
// SHA-256.
#pragma once

#include "engine/csr.hpp"

namespace csrflow::engine {

/// Made by somebody, for whoever shows the secret.
struct TokenCreated {
  std::string id;      ///< the public half, and the stream's name
  std::string sha256;  ///< of the secret half, lower-case hex
  std::string user, uid;
  std::vector<std::string> groups;
  std::optional<Timestamp> expires_at;  ///< from then on it is no credential; none: never
  bool bootstrap = false;               ///< Kubernetes' form `<id>.<secret>`, for joining nodes
  std::string description;
  /// It makes one request; from then on it only shows that one.
  bool single_use = false;
  /// Patterns of the names, and the signers, of the requests that it may make; empty: any.
  std::vector<std::string> names = {}, signers = {};

  /// Is it asked before a request is made with it?
  bool bounded() const { return single_use || !names.empty() || !signers.empty(); }
};
struct TokenRevoked {
  std::string id;
};
/// The request for which a token of a single use was made. In the same transaction as its `created`.
struct TokenUsed {
  std::string id;
  std::string request;
  Uid request_uid;
};
using TokenEvent = std::variant<TokenCreated, TokenRevoked, TokenUsed>;

struct TokenState {
  Version version;
  std::optional<TokenCreated> token;
  Timestamp created_at;
  bool revoked = false;
  std::string used_for;  ///< the request that used it up; empty: none yet

  bool good_at(Timestamp now) const {
    return token && !revoked && (!token->expires_at || now < *token->expires_at);
  }
};

using CreateToken = TokenCreated;
using RevokeToken = TokenRevoked;
/// A request is made with the token.
struct UseToken {
  std::string id;
  std::string request;
  Uid request_uid;
  SignerName signer;
};
using TokenCommand = std::variant<CreateToken, RevokeToken, UseToken>;

/// Does the pattern cover the name? A star stands for any text, also none; there is at most one.
bool covers_name(std::string_view pattern, std::string_view name);

/// An id is never used twice, a revoked token never comes back, and one for a single use makes one request.
std::expected<std::vector<TokenEvent>, Refusal> decide(const StreamId&, const TokenState&,
                                                       const TokenCommand&, const Facts&);
TokenState evolve(TokenState, const TokenEvent&, const Stamp&);

}  // namespace csrflow::engine
