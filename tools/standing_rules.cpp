#include "tools/standing_rules.hpp"

#include "signer/built_in_signers.hpp"
#include "signer/request_encoding.hpp"
#include "signer/signer_document.hpp"
#include "tools/decision_rules.hpp"

namespace csrflow::tools {
namespace {

engine::Duration longest_of_built_in(const signer::SigningDurations& durations) {
  engine::Duration longest;
  for (const signer::BuiltInSigner& one : signer::built_in_signers(durations))
    longest = std::max(longest, durations.maximum(one.name));
  return longest + signer::backdating;
}

/// The built-in signers' documents take more than a Signer may, and are counted by their durations.
std::optional<engine::Duration> longest_of(const engine::ConfigObject& object) {
  const auto spec = signer::read_signer_body(*object.body);
  if (!spec) return std::nullopt;
  return spec->max_lifetime + spec->backdate;
}

}  // namespace

policies::RotationSources rotation_sources(const signer::SigningDurations& durations) {
  return {.requests = request_reader(),
          .encoding = signer::request_encoding,
          .built_in_lifetime = longest_of_built_in(durations),
          .longest_lifetime = longest_of};
}

}  // namespace csrflow::tools
