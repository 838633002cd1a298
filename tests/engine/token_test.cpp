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

namespace {

UseToken web_1(std::string name = "web-1-3f9a", std::string signer = "example.com/web") {
  return {"k3x9q2", std::move(name), {"u-1"}, {std::move(signer)}};
}

}  // namespace

TEST_CASE("a token for a single use makes one request, and says which one used it") {
  Story story;
  CreateToken token = jane(story.now + seconds(60));
  token.single_use = true;
  REQUIRE_FALSE(story.command(token));
  REQUIRE_FALSE(story.command(web_1()));
  CHECK(story.events == 1);
  CHECK(story.token().used_for == "web-1-3f9a");
  CHECK(story.token().good_at(story.now));
  const auto refused = story.command(web_1("web-1-0000"));
  REQUIRE(refused);
  CHECK(refused->kind == Refusal::Kind::not_permitted);
  CHECK_THAT(refused->message, Catch::Contains("web-1-3f9a used it"));
}

TEST_CASE("a bounded token makes requests of its names, to its signers, while it is good") {
  Story story;
  CreateToken token = jane(story.now + seconds(60));
  token.names = {"web-1", "web-1-*"};
  token.signers = {"example.com/web"};
  REQUIRE_FALSE(story.command(token));
  REQUIRE_FALSE(story.command(web_1()));
  CHECK(story.events == 0);
  REQUIRE_FALSE(story.command(web_1("web-1")));
  CHECK_THAT(story.command(web_1("web-10"))->message, Catch::Contains("named web-1, web-1-*"));
  CHECK_THAT(story.command(web_1("web-1", "example.com/other"))->message,
             Catch::Contains("to the signers example.com/web"));
  story.now = story.now + seconds(60);
  CHECK_THAT(story.command(web_1())->message, Catch::Contains("has expired"));
}

TEST_CASE("a star in a pattern stands for any text") {
  CHECK(covers_name("web-1", "web-1"));
  CHECK_FALSE(covers_name("web-1", "web-12"));
  CHECK(covers_name("*", "anything"));
  CHECK(covers_name("web-*-prod", "web-1-prod"));
  CHECK(covers_name("web-*-prod", "web--prod"));
  CHECK_FALSE(covers_name("web-*-prod", "web-prod"));
  CHECK_FALSE(covers_name("web-1-*", "web-1"));
}
