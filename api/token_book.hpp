// The bearer tokens that csrflow made, ready to be recognised: folded from the streams `token/<id>`.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>

#include "api/authentication.hpp"
#include "engine/ports.hpp"
#include "engine/record.hpp"

namespace csrflow::api {

/// More are not made; revoked and expired ones count, since history shows them.
constexpr std::size_t max_tokens = 100'000;

/// The two halves of a token. The public one names it, the secret one proves it.
struct TokenText {
  std::string_view id, secret;
};
/// `csrflow.<id>.<secret>`, or a bootstrap token `<id>.<secret>` of 6 and 16 characters; both of `a-z0-9`.
std::optional<TokenText> parse_token(std::string_view);

/// Thread-safe. Tokens are compared by SHA-256, in constant time.
class TokenBook final : public engine::Follower, public BearerTokens {
 public:
  explicit TokenBook(const engine::Clock& clock) : clock_(clock) {}

  /// Before the writer begins: what the log holds. Throws UnreadableEvent.
  void load(engine::EventReader&);
  void committed(const std::shared_ptr<const engine::Batch>&) override;

  std::expected<std::shared_ptr<const engine::Identity>, Rejection> identify(
      std::string_view token) const override;

  std::size_t size() const;
  /// Null when there is none.
  std::shared_ptr<const engine::TokenState> find(std::string_view id) const;
  /// By id.
  std::vector<std::shared_ptr<const engine::TokenState>> all() const;

 private:
  struct Entry {
    std::shared_ptr<const engine::TokenState> state;
    std::shared_ptr<const engine::Identity> identity;
  };
  static Entry entry_of(engine::TokenState);

  const engine::Clock& clock_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Entry, std::less<>> tokens_;  // guarded by mutex_
};

}  // namespace csrflow::api
