// Configuration objects: everything that clients keep in csrflow and that has no workflow of its own. Roles
// and bindings now; each further kind is one more category of streams. The engine keeps such an object whole
// and does not look into its body: what it means is known where it is used.
#pragma once

#include <algorithm>
#include <array>

#include "engine/csr.hpp"

namespace csrflow::engine {

/// The categories of streams that hold configuration objects. A stream is `<category>/<collection>/<name>`,
/// or `<category>/<name>` where a category has one collection: `rbac/clusterroles/view`.
constexpr std::string_view policy_category = "policy";
constexpr std::string_view signer_category = "signer";
constexpr std::string_view rotation_category = "rotation";
constexpr std::string_view sink_category = "sink";
constexpr std::array<std::string_view, 6> config_categories{
    "rbac", "trust", policy_category, signer_category, rotation_category, sink_category};
constexpr bool holds_config(std::string_view category) {
  return std::ranges::find(config_categories, category) != config_categories.end();
}

/// A JSON object of all the object's members besides apiVersion, kind and metadata, as clients get them:
/// `{"rules":[…]}`. Never null.
using ConfigBody = std::shared_ptr<const std::string>;

struct ConfigObject {
  ObjectMeta meta;
  ConfigBody body;
};
bool operator==(const ConfigObject&, const ConfigObject&);

// ---- events -------------------------------------------------------------------------------------

/// Created or changed: the object as it is from here on, also when it was only marked for deletion.
struct Applied {
  std::string kind;  ///< `ClusterRole`
  std::string hash;  ///< SHA-256 of the body, lower-case hex: decisions name what they followed by it
  ConfigObject object;
};
/// Removed from the API's view; history stays.
struct ConfigDeleted {
  std::string kind;
  Uid uid;
};
using ConfigEvent = std::variant<Applied, ConfigDeleted>;

// ---- state --------------------------------------------------------------------------------------

struct ConfigState {
  Version version;
  std::optional<ConfigObject> object;
  std::string kind, hash;     ///< of the last `applied`
  Position resource_version;  ///< of the live object
};

// ---- commands -----------------------------------------------------------------------------------

/// Create, or with `base` replace the object that was read at that version. Name and uid never change.
struct PutConfig {
  std::optional<Position> base;
  std::string kind, hash;
  ConfigObject object;  ///< uid set; the creation time is set by the decision
};
/// Deletion as requests have it.
using ConfigCommand = std::variant<PutConfig, Delete>;

std::expected<std::vector<ConfigEvent>, Refusal> decide(const StreamId&, const ConfigState&,
                                                        const ConfigCommand&, const Facts&);
ConfigState evolve(ConfigState, const ConfigEvent&, const Stamp&);

}  // namespace csrflow::engine
