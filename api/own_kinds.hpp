// The kinds of csrflow's own group: documents whose meaning is read elsewhere, stored and served like every
// other configuration object.
#pragma once

#include "api/config_format.hpp"
#include "api/resource.hpp"

namespace csrflow::api {

constexpr std::string_view own_group = "csrflow.io";

const Resource& approval_policies();
const Resource& rotation_policies();
const Resource& notification_sinks();
const Resource& signers();

}  // namespace csrflow::api
