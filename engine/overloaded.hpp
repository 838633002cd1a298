// An overload set for std::visit: a case that nobody handles does not compile.
#pragma once

namespace csrflow::engine {

template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace csrflow::engine
