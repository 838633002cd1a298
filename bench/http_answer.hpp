// As much of an HTTP/1.1 answer as the benchmark's clients look at.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace csrflow::bench {

struct AnswerHead {
  std::string_view status;                    ///< `201`
  std::optional<std::size_t> content_length;  ///< none in a stream
  std::size_t size = 0;                       ///< up to and with the empty line
};
/// Nothing until the empty line is there. Views into `bytes`.
std::optional<AnswerHead> read_head(std::string_view bytes);

/// The lines of a body in chunks (RFC 9112 7.1), however they are cut.
class ChunkedLines {
 public:
  void add(std::string_view bytes) { raw_ += bytes; }
  /// The next whole line without its end; valid until the next call. Throws std::runtime_error when these are
  /// no chunks, or the last one has come.
  std::optional<std::string_view> next();

 private:
  bool take_chunk();

  std::string raw_;  // from the socket, from `taken_` on not yet looked at
  std::size_t taken_ = 0;
  std::string lines_;  // out of the chunks, from `read_` on not yet given
  std::size_t read_ = 0;
};

}  // namespace csrflow::bench
