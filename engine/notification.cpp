#include "engine/notification.hpp"

#include <algorithm>

namespace csrflow::engine {

std::expected<Notable, std::string> notable_of(std::string_view name) {
  const auto it = std::ranges::find(notable_words, name);
  if (it == std::end(notable_words)) return std::unexpected("no kind of news is called " + std::string(name));
  return static_cast<Notable>(it - std::begin(notable_words));
}

}  // namespace csrflow::engine
