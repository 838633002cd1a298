// Answers in gzip (RFC 1952) for clients that ask for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace csrflow::api {

/// Smaller answers are not worth the time; as kube-apiserver.
constexpr std::size_t smallest_compressed = 128 * 1024;

/// Is `gzip` among the codings of an Accept-Encoding field? A coding with parameters is not looked at, as in
/// kube-apiserver.
bool accepts_gzip(std::string_view accept_encoding);

/// Compresses what comes piece by piece, at the fastest level. Throws std::runtime_error when zlib has no
/// memory.
class GzipStream {
 public:
  GzipStream();
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// What is ready to be sent, perhaps nothing. `last`: nothing more comes.
  std::string add(std::string_view bytes, bool last);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};
std::string gzip(std::string_view bytes);

}  // namespace csrflow::api
