// What an event is news of, and how a person reads it.
#pragma once

#include <optional>

#include "engine/record.hpp"

namespace csrflow::policies {

struct News {
  engine::Notable kind{};
  std::string title;               ///< one line: `web-1 expires 2026-03-03T09:00:00Z and has no successor`
  std::string text;                ///< sentences; never a key, a request or a certificate
  std::vector<std::string> named;  ///< sinks that hear of it whatever they ask for
  /// The request's, where it is about one.
  const engine::CsrState* request = nullptr;  // lives as long as the record
};

/// Nothing: the event is no news. An alert that is told of together with others is none.
std::optional<News> news_of(const engine::Record&);

}  // namespace csrflow::policies
