// What a request is about, read from its method, path and query as kube-apiserver does (RequestInfo).
#pragma once

#include "api/authorization.hpp"
#include "api/http.hpp"
#include "api/query.hpp"

namespace csrflow::api {

struct Target {
  std::string path;  ///< decoded
  std::string
      verb;  ///< RBAC's: `get`, `list`, `watch`, … ; of a path without a resource the method in lower case
  bool is_resource = false;
  std::string group, version, namespace_name, resource, name, subresource;
  /// The name is in the path, and not only demanded by a field selector.
  bool named = false;
  /// More segments than a subresource has, or empty ones.
  bool malformed = false;

  Attributes attributes() const;
};

Target target_of(const Request&, const Query&);

}  // namespace csrflow::api
