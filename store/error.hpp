// What stops the store, as a sentence for the person who can do something about it.
#pragma once

#include <stdexcept>

namespace csrflow::store {

struct StoreError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace csrflow::store
