#include "tools/retention_option.hpp"

#include <map>

#include "signer/duration.hpp"
#include "tools/establish.hpp"

namespace csrflow::tools {
namespace {

using Period = std::optional<engine::Duration> engine::Retention::*;

const std::map<std::string, Period, std::less<>>& periods() {
  static const std::map<std::string, Period, std::less<>> all = {{"pending", &engine::Retention::pending},
                                                                 {"approved", &engine::Retention::approved},
                                                                 {"issued", &engine::Retention::issued},
                                                                 {"denied", &engine::Retention::denied},
                                                                 {"failed", &engine::Retention::failed}};
  return all;
}

}  // namespace

engine::Retention retention_of(const std::vector<std::string>& options) {
  engine::Retention retention;
  for (const std::string& option : options) {
    const std::string given = "--csr-retention " + option;
    const auto equals = option.find('=');
    const std::string state = option.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : option.substr(equals + 1);
    if (option == "kubernetes") {
      retention = engine::kubernetes_retention();
    } else if (state == "expired") {
      if (value != "true" && value != "false")
        throw SetupError(given + ": write expired=true or expired=false");
      retention.expired = value == "true";
    } else if (const auto period = periods().find(state); period != periods().end()) {
      const auto duration = signer::parse_duration(value);
      if (!duration) throw SetupError(given + ": " + duration.error());
      retention.*period->second = *duration;
    } else {
      throw SetupError(given +
                       ": write STATE=DURATION with pending, approved, issued, denied or failed, as "
                       "issued=1h, or expired=true, or kubernetes");
    }
  }
  return retention;
}

}  // namespace csrflow::tools
