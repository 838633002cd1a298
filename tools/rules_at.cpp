#include "tools/rules_at.hpp"

#include "store/event_reader.hpp"
#include "tools/standing_rules.hpp"

namespace csrflow::tools {

store::RulesAt rules_at(const engine::EventLog& log) {
  return [&log](engine::Position position) {
    return std::make_unique<policies::RotationBook>(*log.reader(), rotation_sources(), position);
  };
}

store::RulesAt rules_at(const std::filesystem::path& data) {
  return [data](engine::Position position) {
    store::SqliteEventReader log(store::existing_data_files(data));
    return std::make_unique<policies::RotationBook>(log, rotation_sources(), position);
  };
}

}  // namespace csrflow::tools
