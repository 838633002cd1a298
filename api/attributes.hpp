// What is asked for, in RBAC's terms.
#pragma once

#include <optional>
#include <string>

namespace csrflow::api {

struct Attributes {
  std::string verb;  ///< `get`, `list`, `create`, …; of a path, the HTTP method in lower case
  std::string group, resource, subresource;
  std::string name;  ///< empty: of no single object
  std::string namespace_name;
  /// Of a request without a resource, and then only `verb` is set besides; a review may ask about an empty
  /// one.
  std::optional<std::string> path;

  bool is_path() const { return path.has_value(); }
};

}  // namespace csrflow::api
