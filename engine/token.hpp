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
};
struct TokenRevoked {
  std::string id;
};
using TokenEvent = std::variant<TokenCreated, TokenRevoked>;

struct TokenState {
  Version version;
  std::optional<TokenCreated> token;
  Timestamp created_at;
  bool revoked = false;

  bool good_at(Timestamp now) const {
    return token && !revoked && (!token->expires_at || now < *token->expires_at);
  }
};

using CreateToken = TokenCreated;
using RevokeToken = TokenRevoked;
using TokenCommand = std::variant<CreateToken, RevokeToken>;

/// An id is never used twice, and a revoked token never comes back.
std::expected<std::vector<TokenEvent>, Refusal> decide(const StreamId&, const TokenState&,
                                                       const TokenCommand&, const Facts&);
TokenState evolve(TokenState, const TokenEvent&, const Stamp&);

}  // namespace csrflow::engine
