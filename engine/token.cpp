#include "engine/token.hpp"

#include "engine/overloaded.hpp"

namespace csrflow::engine {

std::expected<std::vector<TokenEvent>, Refusal> decide(const StreamId&, const TokenState& state,
                                                       const TokenCommand& command, const Facts&) {
  using Answer = std::expected<std::vector<TokenEvent>, Refusal>;
  return std::visit(overloaded{
                        [&](const CreateToken& c) -> Answer {
                          if (state.token)
                            return std::unexpected(Refusal{.kind = Refusal::Kind::already_exists,
                                                           .message = "a token of this id was made before"});
                          return std::vector<TokenEvent>{c};
                        },
                        [&](const RevokeToken& c) -> Answer {
                          if (!state.token)
                            return std::unexpected(Refusal{.kind = Refusal::Kind::not_found,
                                                           .message = "there is no token of this id"});
                          if (state.revoked) return std::vector<TokenEvent>{};
                          return std::vector<TokenEvent>{c};
                        },
                    },
                    command);
}

TokenState evolve(TokenState s, const TokenEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  std::visit(overloaded{
                 [&](const TokenCreated& e) {
                   s.token = e;
                   s.created_at = stamp.recorded_at;
                 },
                 [&](const TokenRevoked&) { s.revoked = true; },
             },
             event);
  return s;
}

}  // namespace csrflow::engine
