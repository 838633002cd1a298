#include "bench/options.hpp"

#include <CLI/CLI.hpp>

namespace csrflow::bench {
namespace {

constexpr double shortest = 0.1, longest = 3600;
constexpr int usage_error = 2;

}  // namespace

Options options_of(int argc, char** argv) {
  Options options;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  options.data = here;
  options.program = here.parent_path() / "csrflow";
  double seconds = options.time.count();

  CLI::App app(
      "Measures the whole durable workflow (create, approve, sign, certificate read) beside what the "
      "hardware allows");
  app.footer("Example:\n  workflow --seconds 10 --only https --output json");
  app.add_option("--seconds", seconds, "How long each point is measured")
      ->check(CLI::Range(shortest, longest))
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--data", options.data,
                 "Where the databases go, in a new directory that is removed afterwards (default: beside "
                 "this program)")
      ->type_name("DIR");
  app.add_option("--program", options.program,
                 "The csrflow that is measured over HTTPS (default: of the same build)")
      ->type_name("PATH");
  std::string only, format = "table";
  app.add_option("--only", only, "One part alone: bound, in-process or https")
      ->check(CLI::IsMember({"bound", "in-process", "https"}))
      ->type_name("PART");
  app.add_option("-o,--output", format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : usage_error);
  }
  options.time = Seconds(seconds);
  options.only = only == "bound"        ? Only::bound
                 : only == "in-process" ? Only::in_process
                 : only == "https"      ? Only::https
                                        : Only::everything;
  options.format = format == "json" ? Format::json : Format::table;
  return options;
}

}  // namespace csrflow::bench
