// `csrflow-agent check` and `csrflow-agent status`.
#include <unistd.h>

#include <iostream>

#include "agent/files.hpp"
#include "agent/kept_unit.hpp"
#include "agent/version.hpp"
#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"
#include "tools/agent_commands.hpp"
#include "tools/agent_configuration.hpp"
#include "tools/table_text.hpp"

namespace csrflow::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_notes_bytes = 64 * 1024;

/// What is right by itself and does not fit this machine.
std::vector<std::string> misfits(const agent::Configuration& configuration) {
  std::vector<std::string> found;
  if (const auto authorities = authorities_of(configuration); !authorities)
    found.push_back(authorities.error());
  for (const auto& kept : configuration.certificates) {
    if (const auto layout = agent::layout_of(kept); !layout)
      found.push_back(kept.wish.name + ": " + layout.error());
    if (kept.ca_file)
      if (const auto text = file_text(*kept.ca_file, agent::max_bundle_pem); !text)
        found.push_back(kept.wish.name + ": " + text.error());
    const auto* command = std::get_if<agent::CommandHook>(&kept.reload);
    if (command && command->argv.front().find('/') != std::string::npos &&
        access(command->argv.front().c_str(), X_OK) != 0)
      found.push_back(kept.wish.name + ": reload.command: " + command->argv.front() + " cannot be run");
  }
  return found;
}

struct Row {
  std::string name, state = "missing", serial, request, pending, problem;
  std::optional<engine::Timestamp> expires, rotates;
};

std::string_view state_of(agent::Health health) {
  constexpr std::string_view words[] = {"valid", "at risk", "expired", "missing"};
  return words[static_cast<std::size_t>(health)];
}

/// The name in pending/meta.json.
std::string pending_request(const std::string& meta) {
  std::string name;
  try {
    engine::JsonReader reader(meta);
    reader.object([&](std::string_view member) {
      if (member == "request") {
        name = reader.text();
      } else {
        static_cast<void>(reader.raw());
      }
    });
  } catch (const engine::MalformedJson& problem) {
    return problem.what();
  }
  return name;
}

/// Without the lock, which a running agent has: each file is whole at every moment.
Row row_of(const agent::Configuration& configuration, const agent::KeptCertificate& kept,
           engine::Timestamp now) {
  const fs::path folder = configuration.state / kept.wish.name;
  Row row{.name = kept.wish.name};
  const auto notes = file_text(configuration.state / ".notes" / (kept.wish.name + ".json"), max_notes_bytes);
  if (notes) row.problem = agent::parse_notes(*notes).problem;
  const auto pending = file_text(folder / "pending" / "meta.json", agent::max_meta_bytes);
  if (pending) row.pending = pending_request(*pending);
  const auto meta = file_text(folder / "current" / "meta.json", agent::max_meta_bytes);
  if (!meta) return row;
  const auto facts = agent::parse_version_facts(*meta);
  if (!facts) {
    row.problem = facts.error();
    return row;
  }
  const agent::Serving serving{.serial = facts->serial,
                               .not_before = facts->not_before,
                               .not_after = facts->not_after,
                               .issued_at = facts->issued_at,
                               .request = facts->request};
  row.state = state_of(agent::health_of(serving, now));
  row.serial = facts->serial.hex();
  row.request = facts->request;
  row.expires = facts->not_after;
  row.rotates = agent::rotation_due({.name = row.name, .digest = {}, .rotation = kept.rotation}, serving,
                                    agent::sha256);
  return row;
}

std::string json_of(const Row& row) {
  std::string out;
  {
    engine::JsonObject object(out);
    object.text("name", row.name);
    object.text("state", row.state);
    object.text_if("serial", row.serial);
    object.text_if("request", row.request);
    if (row.expires) object.text("expires", engine::rfc3339_seconds(*row.expires));
    if (row.rotates) object.text("rotates", engine::rfc3339_micro(*row.rotates));
    object.text_if("pending", row.pending);
    object.text_if("problem", row.problem);
  }
  return out;
}

std::string time_text(const std::optional<engine::Timestamp>& time) {
  return time ? engine::rfc3339_seconds(*time) : "-";
}
std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

AgentExit worse(AgentExit exit, const Row& row) {
  if (row.state == "expired" || row.state == "missing") return AgentExit::expired;
  return row.state == "at risk" ? std::max(exit, AgentExit::at_risk) : exit;
}

}  // namespace

AgentExit agent_check(const AgentRunOptions& options) {
  const auto configuration = load_configuration(options.config);
  if (!configuration) {
    std::cerr << configuration.error() << '\n';
    return AgentExit::failed;
  }
  const auto found = misfits(*configuration);
  for (const auto& line : found) std::cerr << options.config.string() << ": " << line << '\n';
  if (!found.empty()) return AgentExit::failed;
  std::cout << options.config.string() << ": " << configuration->certificates.size()
            << (configuration->certificates.size() == 1 ? " certificate for " : " certificates for ")
            << configuration->host << ", from " << configuration->server << '\n';
  return AgentExit::done;
}

AgentExit agent_status(const AgentStatusOptions& options) {
  const auto configuration = load_configuration(options.config);
  if (!configuration) {
    std::cerr << configuration.error() << '\n';
    return AgentExit::failed;
  }
  const engine::Timestamp now = agent::SystemHostClock().now();
  TableText table({"NAME", "STATE", "SERIAL", "EXPIRES", "ROTATES", "PENDING", "PROBLEM"});
  AgentExit exit = AgentExit::done;
  for (const auto& kept : configuration->certificates) {
    const Row row = row_of(*configuration, kept, now);
    exit = worse(exit, row);
    if (options.output == Output::json) std::cout << json_of(row) << '\n';
    table.add({row.name, row.state, or_dash(row.serial), time_text(row.expires), time_text(row.rotates),
               or_dash(row.pending), or_dash(row.problem)});
  }
  if (options.output == Output::table) std::cout << table.text();
  return exit;
}

}  // namespace csrflow::tools
