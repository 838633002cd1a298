// What somebody probably meant.
#pragma once

#include <span>
#include <string_view>

namespace csrflow::engine {

/// The word with the fewest changes of a letter, case aside; the first of equals. `words` is not empty.
std::string_view nearest(std::string_view written, std::span<const std::string_view> words);

}  // namespace csrflow::engine
