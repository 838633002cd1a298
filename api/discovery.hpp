// The documents through which a client learns what the server has. Made of the resources' descriptions, once.
#pragma once

#include "api/resource.hpp"

namespace csrflow::api {

/// A document that is sent as it is.
struct Document {
  std::string body;
  std::string content_type;
  std::string etag;  ///< with its quotes; empty: none
};

/// GET /api. `address` is `host:port` of the server, for serverAddressByClientCIDRs.
std::string api_versions_json(std::string_view address);
/// GET /apis
std::string api_group_list_json();
/// GET /apis/GROUP; nothing for an unknown group.
std::optional<std::string> api_group_json(std::string_view group);
/// GET /apis/GROUP/VERSION, or /api/v1 with an empty group; nothing for an unknown one.
std::optional<std::string> api_resource_list_json(std::string_view group, std::string_view version);
/// The aggregated form: of /apis, or of /api (`core`), for the version `v2` or `v2beta1`. Has an ETag.
const Document& aggregated_discovery(bool core, std::string_view version);
/// GET /
std::string root_paths_json();
/// GET /version: baseline 1.35, gitVersion `v1.35.0+csrflow`.
std::string version_json();

/// Which discovery form an Accept header asks for: `v2`, `v2beta1`, or empty = the plain document.
std::string_view aggregated_version(std::string_view accept);

}  // namespace csrflow::api
