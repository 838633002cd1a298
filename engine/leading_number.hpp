// Numbers at the beginning of a text that people write: `47` of `47d`, `20` of `20/h`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace csrflow::engine {

/// Takes digits from the front; nothing when there are none or too many.
std::optional<std::int64_t> take_number(std::string_view& text);

}  // namespace csrflow::engine
