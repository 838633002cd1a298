#include "tools/standing_rules.hpp"

#include "signer/built_in_signers.hpp"
#include "signer/request_encoding.hpp"
#include "tools/decision_rules.hpp"

namespace csrflow::tools {

policies::RotationSources rotation_sources() {
  return {.requests = request_reader(),
          .encoding = signer::request_encoding,
          .longest_lifetime = [](const engine::ConfigObject& object) {
            return signer::longest_lifetime(object.meta.name, *object.body);
          }};
}

}  // namespace csrflow::tools
