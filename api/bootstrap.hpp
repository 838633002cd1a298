// Writes the roles and bindings that every server has, as far as the log lacks them.
#pragma once

#include "engine/writer.hpp"

namespace csrflow::api {

/// At start, before requests are taken; csrflow:setup is who wrote them. The refusal is that of the writer.
std::expected<void, engine::Refusal> ensure_bootstrap_roles(engine::EventReader&, engine::Writer&,
                                                            engine::Random&);

}  // namespace csrflow::api
