// How long certificates live: Kubernetes' --cluster-signing-duration rules.
#pragma once

#include <map>
#include <optional>

#include "engine/types.hpp"

namespace csrflow::signer {

constexpr engine::Duration default_signing_duration = engine::seconds(8760 * 3600);
constexpr engine::Duration min_requested_lifetime = engine::seconds(600);
constexpr engine::Duration backdating = engine::seconds(300);
/// From here on the backdating is part of the lifetime; below it is added.
constexpr engine::Duration short_lifetime = engine::seconds(8 * 3600);
/// Upper bound of what an operator may configure: 100 years.
constexpr engine::Duration max_signing_duration = engine::seconds(876000LL * 3600);

/// Go's notation: `8760h`, `90s`, `1h30m`, `1.5h`, `100ms`. More than zero, at most `max_signing_duration`;
/// finer than a microsecond is cut.
std::expected<engine::Duration, std::string> parse_duration(std::string_view text);

/// The longest lifetime of each signer.
struct SigningDurations {
  engine::Duration standard = default_signing_duration;
  std::map<engine::SignerName, engine::Duration> by_signer;
  engine::Duration maximum(const engine::SignerName&) const;
};

/// What a request gets: `maximum` when it asks for nothing or for more.
engine::Duration granted_lifetime(engine::Duration maximum, std::optional<std::int32_t> expiration_seconds);

struct Validity {
  engine::Timestamp not_before, not_after;  ///< whole seconds
};
/// Never beyond the CA's end; an error when the CA has expired.
std::expected<Validity, std::string> validity(engine::Timestamp now, engine::Duration lifetime,
                                              engine::Timestamp authority_not_after);

}  // namespace csrflow::signer
