#include "api/gzip.hpp"

#include <zlib.h>

#include <memory>
#include <stdexcept>

namespace csrflow::api {
namespace {

constexpr int gzip_format = 15 + 16;                // the largest window, and gzip's header instead of zlib's
constexpr int memory_level = 8;                     // zlib's default
constexpr std::size_t most_held_back = 256 * 1024;  // of earlier pieces: zlib's buffers at this memory level

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const auto comma = accept_encoding.find(',');
    auto coding = accept_encoding.substr(0, comma);
    accept_encoding.remove_prefix(comma == std::string_view::npos ? accept_encoding.size() : comma + 1);
    while (coding.starts_with(' ') || coding.starts_with('\t')) coding.remove_prefix(1);
    while (coding.ends_with(' ') || coding.ends_with('\t')) coding.remove_suffix(1);
    if (coding == "gzip") return true;
  }
  return false;
}

struct GzipStream::State {
  z_stream stream{};
};

GzipStream::GzipStream() : state_(std::make_unique<State>()) {
  if (deflateInit2(&state_->stream, Z_BEST_SPEED, Z_DEFLATED, gzip_format, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("an answer could not be compressed");
}
GzipStream::~GzipStream() {
  deflateEnd(&state_->stream);
}

std::string GzipStream::add(std::string_view bytes, bool last) {
  auto& stream = state_->stream;
  std::string in(bytes);  // zlib 1.2 wants a pointer that it may write through
  std::string out(deflateBound(&stream, static_cast<uLong>(in.size())) + most_held_back, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
  if (result != (last ? Z_STREAM_END : Z_OK) || stream.avail_in != 0)
    throw std::runtime_error("an answer could not be compressed");
  out.resize(out.size() - stream.avail_out);
  return out;
}

std::string gzip(std::string_view bytes) {
  return GzipStream().add(bytes, true);
}

}  // namespace csrflow::api
