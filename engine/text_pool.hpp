// Many short texts in little memory: eight bytes each beside their own.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace csrflow::engine {

/// Texts stand in chunks of `chunk_bytes`; a chunk is freed when the last text in it is dropped. Belongs to
/// one thread.
class TextPool {
 public:
  static constexpr std::size_t chunk_bytes = 16'384;
  struct Text {
    std::uint32_t chunk = 0;
    std::uint16_t at = 0, size = 0;
  };

  /// At most `chunk_bytes`; a longer one throws std::length_error.
  Text put(std::string_view);
  /// Until it is dropped.
  std::string_view operator[](Text text) const {
    return {chunks_[text.chunk].bytes.get() + text.at, text.size};
  }
  /// Once for each put.
  void drop(Text);

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t used = 0;
    std::size_t texts = 0;
  };
  void begin_chunk();

  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> free_;  // of chunks_, those without bytes
  std::uint32_t current_ = 0;        // of chunks_, where texts are put; kept while it is empty
};

}  // namespace csrflow::engine
