// Who manages which fields of a configuration object.
#pragma once

#include "api/managed_fields.hpp"
#include "engine/config.hpp"

namespace csrflow::api {

/// managedFields of an object that is created; `sent_fields`: what its client sent as managedFields.
std::string managed_on_create(const FieldWrite&, const engine::ConfigObject&, const std::string& sent_fields);

/// Makes managedFields part of a PUT or of a patch that is no apply.
void manage(const FieldWrite&, const engine::ConfigObject& live, engine::ConfigObject& updated,
            const std::string& sent_fields);
/// Takes over managedFields as an apply computed them. New times alone are no change.
void take_managed_fields(const engine::ConfigObject& live, engine::ConfigObject& updated,
                         std::string managed_fields);

/// A configuration (JSON) applied to the object at `version`, or to nothing when there is none yet; the whole
/// object results.
std::expected<Applied, Status> apply_to_config(const FieldWrite&, const engine::ConfigObject* live,
                                               engine::Position version, const std::string& configuration,
                                               bool force);

}  // namespace csrflow::api
