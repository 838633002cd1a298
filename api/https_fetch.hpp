// Fetches small documents from other servers: an issuer's keys.
#pragma once

#include <expected>
#include <stop_token>
#include <string>

namespace csrflow::api {

constexpr std::size_t longest_fetched_document = 1024 * 1024;
constexpr long fetch_patience_seconds = 10;

/// The body of a 200, or why there is none. Blocks, at most `fetch_patience_seconds`, and ends soon once it
/// shall stop. Only https, no redirections. `authorities` (PEM): what the server must chain to; empty: what
/// the machine trusts.
std::expected<std::string, std::string> fetch_https(const std::string& url, const std::string& authorities,
                                                    const std::stop_token&);

}  // namespace csrflow::api
