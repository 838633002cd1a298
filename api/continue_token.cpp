#include "api/continue_token.hpp"

#include <algorithm>

#include "engine/base64.hpp"
#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view token_version = "csrflow/v1";

std::string to_url_safe(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::string from_url_safe(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return text;
}

}  // namespace

std::string continue_token(const ContinueToken& token) {
  std::string json;
  {
    engine::JsonObject members(json);
    members.text("v", token_version);
    members.number("rv", static_cast<std::int64_t>(token.position.value));
    members.text("start", token.name);
  }
  std::string text;
  engine::append_base64(text, json);
  return to_url_safe(std::move(text));
}

std::expected<ContinueToken, std::string> parse_continue_token(std::string_view text) {
  const auto json = engine::decode_base64(from_url_safe(std::string(text)));
  if (!json) return std::unexpected(json.error());
  ContinueToken token;
  std::string version;
  try {
    engine::JsonReader reader(*json);
    reader.object([&](std::string_view key) {
      if (key == "v") version = reader.text();
      if (key == "rv")
        token.position = {static_cast<std::uint64_t>(std::max<std::int64_t>(0, reader.integer()))};
      if (key == "start") token.name = reader.text();
    });
  } catch (const engine::MalformedJson& malformed) {
    return std::unexpected(malformed.what());
  }
  if (version != token_version)
    return std::unexpected("server does not recognize this encoded version " + version);
  return token;
}

}  // namespace csrflow::api
