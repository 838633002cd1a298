#include "engine/text_pool.hpp"

#include <algorithm>
#include <stdexcept>

namespace csrflow::engine {

void TextPool::begin_chunk() {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(chunks_.size()));
    chunks_.emplace_back();
  }
  current_ = free_.back();
  free_.pop_back();
  chunks_[current_] = {.bytes = std::make_unique_for_overwrite<char[]>(chunk_bytes)};
}

TextPool::Text TextPool::put(std::string_view text) {
  if (text.size() > chunk_bytes) throw std::length_error("a text of more than a chunk");
  if (chunks_.empty() || chunks_[current_].used + text.size() > chunk_bytes) {
    const bool abandoned = !chunks_.empty() && chunks_[current_].texts == 0;
    if (abandoned)
      chunks_[current_].used = 0;
    else
      begin_chunk();
  }
  Chunk& chunk = chunks_[current_];
  const Text placed{current_, static_cast<std::uint16_t>(chunk.used),
                    static_cast<std::uint16_t>(text.size())};
  std::ranges::copy(text, chunk.bytes.get() + chunk.used);
  chunk.used += text.size();
  ++chunk.texts;
  return placed;
}

void TextPool::drop(Text text) {
  Chunk& chunk = chunks_[text.chunk];
  if (--chunk.texts > 0 || text.chunk == current_) return;
  chunk = {};
  free_.push_back(text.chunk);
}

}  // namespace csrflow::engine
