#include "api/token_book.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "api/openssl_handles.hpp"
#include "engine/streams.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view prefix = "csrflow.";
constexpr std::size_t bootstrap_id_size = 6;
constexpr std::size_t bootstrap_secret_size = 16;

bool is_plain(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

}  // namespace

std::optional<TokenText> parse_token(std::string_view token) {
  const bool own = token.starts_with(prefix);
  if (own) token.remove_prefix(prefix.size());
  const auto dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const TokenText text{token.substr(0, dot), token.substr(dot + 1)};
  if (!is_plain(text.id) || !is_plain(text.secret)) return std::nullopt;
  // An id of the other kind's length cannot be met: the kinds do not share ids.
  const bool is_bootstrap = text.id.size() == bootstrap_id_size;
  if (own == is_bootstrap) return std::nullopt;
  if (is_bootstrap && text.secret.size() != bootstrap_secret_size) return std::nullopt;
  return text;
}

TokenBook::Entry TokenBook::entry_of(engine::TokenState state) {
  const auto& token = *state.token;
  engine::Identity identity{.user = token.user,
                            .uid = token.uid,
                            .groups = token.groups,
                            .by = engine::Authentication::token,
                            .credential = "token:" + token.id};
  if (!identity.in_group(group::authenticated)) identity.groups.emplace_back(group::authenticated);
  return {std::make_shared<const engine::TokenState>(std::move(state)),
          std::make_shared<const engine::Identity>(std::move(identity))};
}

void TokenBook::load(engine::EventReader& reader) {
  std::vector<engine::StoredEvent> events = reader.category("token");
  const std::unique_lock lock(mutex_);
  for (auto first = events.begin(); first != events.end();) {
    const auto end =
        std::find_if(first, events.end(), [&](const auto& e) { return e.stream != first->stream; });
    auto state = engine::fold(first->stream, std::span(first, end));
    tokens_[first->stream.name()] = entry_of(std::move(std::get<engine::TokenState>(state)));
    first = end;
  }
}

void TokenBook::committed(const std::shared_ptr<const engine::Batch>& batch) {
  for (const auto& record : *batch) {
    const auto* state = std::get_if<engine::TokenState>(record.after.get());
    if (!state) continue;
    auto entry = entry_of(*state);
    const std::unique_lock lock(mutex_);
    tokens_[record.stamp.stream.name()] = std::move(entry);
  }
}

std::expected<std::shared_ptr<const engine::Identity>, Rejection> TokenBook::identify(
    std::string_view token) const {
  const auto text = parse_token(token);
  if (!text) return nullptr;
  const auto digest = sha256_hex(text->secret);
  const std::shared_lock lock(mutex_);
  const auto found = tokens_.find(text->id);
  if (found == tokens_.end()) return nullptr;
  const auto& state = *found->second.state;
  const auto& known = state.token->sha256;
  const bool same =
      known.size() == digest.size() && CRYPTO_memcmp(known.data(), digest.data(), digest.size()) == 0;
  return same && state.good_at(clock_.now()) ? found->second.identity : nullptr;
}

std::size_t TokenBook::size() const {
  const std::shared_lock lock(mutex_);
  return tokens_.size();
}

std::shared_ptr<const engine::TokenState> TokenBook::find(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const auto found = tokens_.find(id);
  return found == tokens_.end() ? nullptr : found->second.state;
}

std::vector<std::shared_ptr<const engine::TokenState>> TokenBook::all() const {
  std::vector<std::shared_ptr<const engine::TokenState>> states;
  const std::shared_lock lock(mutex_);
  for (const auto& [id, entry] : tokens_) states.push_back(entry.state);
  return states;
}

}  // namespace csrflow::api
