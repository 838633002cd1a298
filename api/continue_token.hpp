// The token with which a client goes on reading a list: base64url (RFC 4648 5, no padding) of
// `{"v":"csrflow/v1","rv":<position>,"start":"<the last name that it has>"}`.
#pragma once

#include <expected>
#include <string>

#include "engine/types.hpp"

namespace csrflow::api {

struct ContinueToken {
  engine::Position position;  ///< whose state the list shows
  std::string name;           ///< the last one that was sent
};

std::string continue_token(const ContinueToken&);
/// What is wrong with it, in words.
std::expected<ContinueToken, std::string> parse_continue_token(std::string_view);

}  // namespace csrflow::api
