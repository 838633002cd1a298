// What is asked for, in RBAC's terms.
#pragma once

#include <string>

namespace csrflow::api {

struct Attributes {
  std::string verb;  ///< `get`, `list`, `create`, …; of a path, the HTTP method in lower case
  std::string group, resource, subresource;
  std::string name;  ///< empty: of no single object
  std::string namespace_name;
  std::string path;  ///< of a request without a resource; then only `verb` is set besides

  bool is_path() const { return !path.empty(); }
};

}  // namespace csrflow::api
