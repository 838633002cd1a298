// Clients that read over keep-alive TLS.
#pragma once

#include <filesystem>
#include <functional>

#include "bench/figures.hpp"
#include "bench/precomposed.hpp"

namespace csrflow::bench {

/// Each of `clients` connections asks for what `next` gives, again and again, all on one thread. Throws
/// std::runtime_error at the first answer that is not 200.
std::vector<Sample> read_for(const Address&, const std::filesystem::path& ca, unsigned clients,
                             const std::function<const std::string&()>& next, Seconds warm_up, Seconds time,
                             Window&);

struct WholeAnswer {
  Milliseconds first_byte{}, took{};  ///< since the request was sent, on an open connection
  std::string body;                   ///< out of its chunks
};
/// One answer of any length, with a Content-Length or in chunks.
WholeAnswer read_whole(const Address&, const std::filesystem::path& ca, const std::string& request);

}  // namespace csrflow::bench
