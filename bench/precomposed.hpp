// The bytes that the HTTPS clients send, made once; only a number changes in place from request to request.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::bench {

/// `load-<client>-<number>`, of one length for all, so that nothing else in a request changes.
std::string request_name(unsigned client, std::uint64_t number);
/// The client in such a name. Throws std::runtime_error when it is none.
unsigned client_of(std::string_view name);

/// A request with its name in one or several places.
class Precomposed {
 public:
  /// `text` has the client's name with number 0 where the names go.
  Precomposed(std::string text, unsigned client);
  const std::string& with(std::string_view name);

 private:
  std::string text_;
  std::vector<std::size_t> places_;
};

/// Where and as whom.
struct Address {
  std::uint16_t port = 0;
  std::string token;
};
Precomposed create_request(const Address&, unsigned client, const engine::Bytes& request_pem);
Precomposed approve_request(const Address&, unsigned client);
std::string list_request(const Address&);
/// Of the resource's path and `rest` (`/NAME`, `?limit=1`).
std::string get_request(const Address&, std::string_view rest, std::string_view accept, bool gzip = false);
/// Any other request, with a JSON body or an empty one.
std::string own_request(const Address&, std::string_view method, std::string_view path,
                        const std::string& body);
/// A watch of all that these clients make, from the version on.
std::string watch_request(const Address&, std::string_view resource_version);

}  // namespace csrflow::bench
