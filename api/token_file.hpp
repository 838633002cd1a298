// Kubernetes' static token file: CSV lines `token,user,uid` or `token,user,uid,"group1,group2"`.
#pragma once

#include <expected>
#include <memory>
#include <unordered_map>

#include "engine/identity.hpp"

namespace csrflow::api {

/// Constant once read; thread-safe. Tokens are kept as SHA-256 only, and looked up by it, so that the time of
/// an answer tells nothing of a token's bytes.
class TokenFile {
 public:
  /// Reads the file's text as Go's encoding/csv does; a line with an empty token is skipped, of equal tokens
  /// the last one stands. An error names the line and never shows a token.
  static std::expected<std::shared_ptr<const TokenFile>, std::string> parse(std::string_view csv);

  /// Null for an unknown token.
  std::shared_ptr<const engine::Identity> identify(std::string_view token) const;
  std::size_t size() const { return users_.size(); }

 private:
  std::unordered_map<std::string, std::shared_ptr<const engine::Identity>> users_;  // by the digest's hex
};

}  // namespace csrflow::api
