// What csrflow itself stores at its start, before requests are taken, as far as the log lacks it.
// csrflow:setup is who wrote it; the refusals are those of the writer.
#pragma once

#include "engine/writer.hpp"

namespace csrflow::api {

/// The roles and bindings that every server has.
std::expected<void, engine::Refusal> ensure_bootstrap_roles(engine::EventReader&, engine::Writer&,
                                                            engine::Random&);

/// A trust bundle for each signer. `certificates`: PEM, of the CAs that the signers sign with.
std::expected<void, engine::Refusal> ensure_trust_bundles(engine::EventReader&, engine::Writer&,
                                                          engine::Random&,
                                                          std::span<const engine::SignerName> signers,
                                                          std::span<const std::string> certificates);

/// The signers that come with csrflow, as Signers that show what they do: the object's name → its spec, JSON.
std::expected<void, engine::Refusal> ensure_signers(engine::EventReader&, engine::Writer&, engine::Random&,
                                                    const engine::StringMap& specs);

}  // namespace csrflow::api
