// The workflow through the API.
#pragma once

#include <filesystem>
#include <stop_token>

#include "bench/figures.hpp"
#include "bench/precomposed.hpp"

namespace csrflow::bench {

/// Drives a server with `clients` keep-alive connections, each with one request at a time, and one watch that
/// all share. `ca`: PEM file of the server's CA. Throws std::runtime_error at the first answer that is not
/// the expected one.
std::vector<Sample> https(const Address&, const std::filesystem::path& ca, unsigned clients, Seconds warm_up,
                          Seconds time, Window&);

/// A few clients beside something else: each waits for `pause` after its certificate.
struct Interactive {
  unsigned clients = 4;
  std::chrono::milliseconds pause{20};
  std::uint64_t first = 1;  ///< number of their first requests: names are taken only once
};
/// Likewise, until `stop`; what each certificate took.
std::vector<Sample> https_until(std::stop_token stop, const Address&, const std::filesystem::path& ca,
                                const Interactive&);

}  // namespace csrflow::bench
