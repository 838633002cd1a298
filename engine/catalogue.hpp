// The catalogue of all events that this program can write and read.
#pragma once

#include <string>

#include "engine/types.hpp"

namespace csrflow::engine {

struct CataloguedEvent {
  std::string_view category;  ///< of the stream: `csr`
  std::string_view type;      ///< `approved`
  std::uint32_t schema;
  std::vector<std::string> members;  ///< of its data, in the order in which they are written
};

std::vector<CataloguedEvent> catalogue();

/// One line an event, `csr approved 1: uid reason message object`, in a fixed order. Its SHA-256 is in
/// `log/events opened`, so that the log says which formats it may hold from there on.
std::string catalogue_text();

}  // namespace csrflow::engine
