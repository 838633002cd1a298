#include "engine/token.hpp"

#include "engine/streams.hpp"
#include "tests/catch.hpp"
#include "tests/engine/story.hpp"

using namespace csrflow::engine;

namespace {

/// One token's stream, and what is done to it.
struct Story {
  const StreamId stream = stream_of("token", "k3x9q2");
  State state = initial_state(stream);
  Timestamp now = from_seconds(1'772'442'000);
  csrflow::test::PaperIssuer issuer;
  std::size_t events = 0;

  const TokenState& token() const { return std::get<TokenState>(state); }

  std::optional<Refusal> command(const TokenCommand& command) {
    const Facts facts{.now = now, .actor = {.user = "admin"}, .issuer = issuer, .name_taken = nullptr};
    auto decision = decide(stream, state, Command(command), facts);
    if (!decision) return decision.error();
    events = decision->events.size();
    for (const Event& event : decision->events)
      state = evolve(
          std::move(state), event,
          {.position = {9}, .stream = stream, .version = {token().version.value + 1}, .recorded_at = now});
    return std::nullopt;
  }
};

CreateToken jane(std::optional<Timestamp> until = {}) {
  return {.id = "k3x9q2", .sha256 = "ab", .user = "jane", .groups = {"devs"}, .expires_at = until};
}

}  // namespace

TEST_CASE("a token is good from its making until it expires") {
  Story story;
  CHECK_FALSE(story.token().good_at(story.now));
  REQUIRE_FALSE(story.command(jane(story.now + seconds(60))));
  CHECK(story.token().created_at == story.now);
  CHECK(story.token().good_at(story.now));
  CHECK(story.token().good_at(story.now + seconds(60) - Duration{1}));
  CHECK_FALSE(story.token().good_at(story.now + seconds(60)));
}

TEST_CASE("a token without an end is good for ever, and a revoked one never again") {
  Story story;
  REQUIRE_FALSE(story.command(jane()));
  CHECK(story.token().good_at(from_seconds(99'999'999'999)));
  REQUIRE_FALSE(story.command(RevokeToken{"k3x9q2"}));
  CHECK_FALSE(story.token().good_at(story.now));
  // Twice is once.
  REQUIRE_FALSE(story.command(RevokeToken{"k3x9q2"}));
  CHECK(story.events == 0);
}

TEST_CASE("an id is never used twice, and an unknown one is not revoked") {
  Story story;
  CHECK(story.command(RevokeToken{"k3x9q2"})->kind == Refusal::Kind::not_found);
  REQUIRE_FALSE(story.command(jane()));
  CHECK(story.command(jane())->kind == Refusal::Kind::already_exists);
  REQUIRE_FALSE(story.command(RevokeToken{"k3x9q2"}));
  CHECK(story.command(jane())->kind == Refusal::Kind::already_exists);
}
