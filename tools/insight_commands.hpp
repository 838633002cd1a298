// The commands that look over the whole: a certificate's generations, and what is to come.
#pragma once

#include <filesystem>
#include <string>

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace csrflow::tools {

/// Reads the log beside a running server: the generations of the newest request of this name.
ExitCode lineage(const HistoryOptions&);

struct ForecastOptions {
  std::filesystem::path data;
  unsigned days = 365;
  Output output = Output::table;
};
/// Reads the views beside a running server.
ExitCode forecast(const ForecastOptions&);

struct InsightOptions {
  HistoryOptions lineage;
  ForecastOptions forecast;
};
void add_insight(CLI::App& app, InsightOptions&, ExitCode&);

}  // namespace csrflow::tools
