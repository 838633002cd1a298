// `csrflow who-could VERB SIGNER --at TIME`: from the roles and bindings of that time, read from the log.
#include <iostream>

#include "api/role_history.hpp"
#include "engine/json_writer.hpp"
#include "store/event_log.hpp"
#include "tools/data_there.hpp"
#include "tools/event_words.hpp"
#include "tools/instant.hpp"
#include "tools/past_commands.hpp"
#include "tools/system_clock.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

std::string through(const api::Grant& grant) {
  if (grant.binding.empty()) return "needs no binding";
  std::string text = "ClusterRoleBinding " + grant.binding + ", ClusterRole " + grant.role;
  if (!grant.aggregated_from.empty()) text += ", aggregated from " + grant.aggregated_from;
  return text;
}

void print_json(const std::vector<api::Grant>& grants, engine::Timestamp at) {
  for (const api::Grant& grant : grants) {
    std::string out;
    {
      engine::JsonObject object(out);
      object.text("kind", grant.kind);
      object.text("name", grant.name);
      object.text("verb", grant.verb);
      object.text("signerName", grant.signer_name);
      object.text_if("binding", grant.binding);
      object.text_if("role", grant.role);
      object.text_if("aggregatedFrom", grant.aggregated_from);
      object.text("at", engine::rfc3339_micro(at));
    }
    std::cout << out << '\n';
  }
}

void print_table(const std::vector<api::Grant>& grants) {
  TableText table({"KIND", "NAME", "SIGNER", "THROUGH"});
  for (const api::Grant& grant : grants)
    table.add({grant.kind, printable(grant.name), printable(grant.signer_name), printable(through(grant))});
  std::cout << table.text();
}

}  // namespace

ExitCode who_could(const WhoCouldOptions& options) {
  if (!data_there(options.data)) return ExitCode::not_found;
  engine::Timestamp at = SystemClock().now();
  if (!options.at.empty()) {
    const auto instant = parse_instant(options.at, DayEdge::end);
    if (!instant) {
      std::cerr << "csrflow: --at: " << instant.error() << '\n';
      return ExitCode::usage;
    }
    at = *instant;
  }
  const api::RoleHistory roles(*store::SqliteEventLog::open_reader(options.data));
  const auto grants = api::who_may(*roles.at(at), options.verb, options.signer);
  options.output == Output::json ? print_json(grants, at) : print_table(grants);
  return ExitCode::done;
}

}  // namespace csrflow::tools
