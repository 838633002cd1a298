// The command line of `csrflow lineage` and `csrflow forecast`.
#include <CLI/CLI.hpp>

#include "engine/forecast.hpp"
#include "tools/insight_commands.hpp"
#include "tools/shared_options.hpp"

namespace csrflow::tools {
namespace {

void add_directory(CLI::App* command, std::filesystem::path& data) {
  command->add_option("--data", data, "The data directory")
      ->required()
      ->envname("CSRFLOW_DATA")
      ->type_name("DIR");
}

}  // namespace

void add_insight(CLI::App& app, InsightOptions& o, ExitCode& code) {
  CLI::App* lineage_command =
      app.add_subcommand("lineage", "The generations of a request: dates, keys, serials, who approved");
  lineage_command->add_option("name", o.lineage.name, "Any request of the lineage")
      ->required()
      ->type_name("NAME");
  add_directory(lineage_command, o.lineage.data);
  add_output(lineage_command, o.lineage.output);
  lineage_command->footer("Example:\n  csrflow lineage web-1 --data ca");
  lineage_command->callback([&] { code = lineage(o.lineage); });

  CLI::App* forecast_command = app.add_subcommand(
      "forecast", "What expires and rotates in the days to come, and what nothing rotates");
  add_directory(forecast_command, o.forecast.data);
  forecast_command->add_option("--days", o.forecast.days, "How far to look ahead")
      ->check(CLI::Range(1U, engine::most_forecast_days))
      ->capture_default_str()
      ->type_name("N");
  add_output(forecast_command, o.forecast.output);
  forecast_command->footer("Example:\n  csrflow forecast --data ca --days 90");
  forecast_command->callback([&] { code = forecast(o.forecast); });
}

}  // namespace csrflow::tools
