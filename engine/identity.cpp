// Format of an event's `context` bytes: one line of JSON, members in this order, absent when unknown:
//
//   {"actor":{"user":…,"uid":…,"groups":[…],"extra":{…},"auth":"x509|token|oidc|anonymous|system",
//            "credential":"sha256:…|token:…","impersonator":{"user":…,"uid":…,"groups":[…]}},
//    "source":{"ip":…,"agent":…},"command":"<32 hex>","cause":"csr/jane@2","correlation":"csr/jane@1",
//    "program":"csrflow 0.1.0"}
#include "engine/identity.hpp"

#include <algorithm>

#include "engine/event.hpp"
#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::engine {
namespace {

struct AuthenticationWord {
  Authentication by;
  std::string_view word;
};
constexpr AuthenticationWord authentication_words[] = {
    {Authentication::system, "system"},       {Authentication::x509, "x509"},
    {Authentication::token, "token"},         {Authentication::oidc, "oidc"},
    {Authentication::anonymous, "anonymous"},
};

Authentication read_authentication(JsonReader& in) {
  const auto by = authentication_of(in.text());
  if (!by) in.fail(by.error());
  return *by;
}

void append_actor(std::string& out, const Identity& actor) {
  JsonObject json(out);
  json.text("user", actor.user);
  json.text_if("uid", actor.uid);
  if (!actor.groups.empty()) json.texts("groups", actor.groups);
  if (!actor.extra.empty()) {
    JsonObject extra(json.key("extra"));
    for (const auto& [key, values] : actor.extra) extra.texts(key, values);
  }
  json.text("auth", name_of(actor.by));
  json.text_if("credential", actor.credential);
  if (!actor.impersonator) return;
  JsonObject impersonator(json.key("impersonator"));
  impersonator.text("user", actor.impersonator->user);
  impersonator.text_if("uid", actor.impersonator->uid);
  if (!actor.impersonator->groups.empty()) impersonator.texts("groups", actor.impersonator->groups);
}

/// How the impersonator proved who they are is the actor's `auth` and `credential`.
std::shared_ptr<const Identity> read_impersonator(JsonReader& in) {
  Identity impersonator;
  in.object([&](std::string_view key) {
    if (key == "user")
      impersonator.user = in.text();
    else if (key == "uid")
      impersonator.uid = in.text();
    else if (key == "groups")
      impersonator.groups = in.texts();
  });
  return std::make_shared<const Identity>(std::move(impersonator));
}

Identity read_actor(JsonReader& in) {
  Identity actor;
  in.object([&](std::string_view key) {
    if (key == "user")
      actor.user = in.text();
    else if (key == "uid")
      actor.uid = in.text();
    else if (key == "groups")
      actor.groups = in.texts();
    else if (key == "extra")
      actor.extra = in.texts_map();
    else if (key == "auth")
      actor.by = read_authentication(in);
    else if (key == "credential")
      actor.credential = in.text();
    else if (key == "impersonator")
      actor.impersonator = read_impersonator(in);
  });
  return actor;
}

Source read_source(JsonReader& in) {
  Source source;
  in.object([&](std::string_view key) {
    if (key == "ip")
      source.address = in.text();
    else if (key == "agent")
      source.agent = in.text();
  });
  return source;
}

}  // namespace

bool Identity::in_group(std::string_view group) const {
  return std::ranges::find(groups, group) != groups.end();
}

std::string_view name_of(Authentication by) {
  return std::ranges::find(authentication_words, by, &AuthenticationWord::by)->word;
}

std::expected<Authentication, std::string> authentication_of(std::string_view name) {
  const auto* const found = std::ranges::find(authentication_words, name, &AuthenticationWord::word);
  if (found == std::ranges::end(authentication_words))
    return std::unexpected("`auth` is `" + std::string(name) + "`, which is not known");
  return found->by;
}

Identity system_actor(std::string_view name) {
  Identity actor;
  actor.user = "csrflow:" + std::string(name);
  actor.by = Authentication::system;
  return actor;
}

std::string event_reference(const StreamId& stream, Version version) {
  return stream.text + '@' + std::to_string(version.value);
}

Bytes encode_context(const Context& context) {
  Bytes out;
  out.reserve(512);
  {
    JsonObject json(out);
    append_actor(json.key("actor"), context.actor);
    if (!context.source.address.empty() || !context.source.agent.empty()) {
      JsonObject source(json.key("source"));
      source.text_if("ip", context.source.address);
      source.text_if("agent", context.source.agent);
    }
    json.text_if("command", context.command.hex);
    json.text_if("cause", context.cause);
    json.text_if("correlation", context.correlation);
    json.text_if("program", context.program);
  }
  return out;
}

Context decode_context(std::string_view json) try {
  Context context;
  JsonReader in(json);
  bool actor_seen = false;
  in.object([&](std::string_view key) {
    if (key == "actor") {
      context.actor = read_actor(in);
      actor_seen = true;
    } else if (key == "source")
      context.source = read_source(in);
    else if (key == "command")
      context.command.hex = in.text();
    else if (key == "cause")
      context.cause = in.text();
    else if (key == "correlation")
      context.correlation = in.text();
    else if (key == "program")
      context.program = in.text();
  });
  if (!actor_seen) in.fail("`actor` is missing");
  return context;
} catch (const MalformedJson& error) {
  throw UnreadableEvent("the context of an event cannot be read: " + std::string(error.what()));
}

}  // namespace csrflow::engine
