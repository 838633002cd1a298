#include "engine/token.hpp"

#include <algorithm>

#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

using Answer = std::expected<std::vector<TokenEvent>, Refusal>;

std::string listed(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

/// Empty: the token may make this request. Else a sentence without its full stop.
std::string why_unfit(const TokenState& state, const UseToken& use, Timestamp now) {
  const TokenCreated& token = *state.token;
  const std::string named = "the token " + token.id;
  if (!state.good_at(now)) return named + " has expired or is revoked";
  if (!state.used_for.empty())
    return named + " was for a single use, and " + state.used_for +
           " used it: it only shows that request; ask for another token";
  const auto covers = [&](const std::string& pattern) { return covers_name(pattern, use.request); };
  if (!token.names.empty() && std::ranges::none_of(token.names, covers))
    return named + " is for requests named " + listed(token.names) + ", and this one is " + use.request;
  if (!token.signers.empty() && std::ranges::find(token.signers, use.signer.text) == token.signers.end())
    return named + " is for requests to the signers " + listed(token.signers) + ", and this one is to " +
           use.signer.text;
  return {};
}

Answer use(const TokenState& state, const UseToken& c, Timestamp now) {
  if (!state.token)
    return std::unexpected(
        Refusal{.kind = Refusal::Kind::not_found, .message = "there is no token of this id"});
  if (std::string why = why_unfit(state, c, now); !why.empty())
    return std::unexpected(Refusal{.kind = Refusal::Kind::not_permitted, .message = std::move(why)});
  if (!state.token->single_use) return std::vector<TokenEvent>{};
  return std::vector<TokenEvent>{TokenUsed{c.id, c.request, c.request_uid}};
}

}  // namespace

bool covers_name(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  const auto before = pattern.substr(0, star), after = pattern.substr(star + 1);
  return name.size() >= before.size() + after.size() && name.starts_with(before) && name.ends_with(after);
}

std::expected<std::vector<TokenEvent>, Refusal> decide(const StreamId&, const TokenState& state,
                                                       const TokenCommand& command, const Facts& facts) {
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
                        [&](const UseToken& c) -> Answer { return use(state, c, facts.now); },
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
                 [&](const TokenUsed& e) { s.used_for = e.request; },
             },
             event);
  return s;
}

}  // namespace csrflow::engine
