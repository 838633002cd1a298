#include "bench/options.hpp"

#include <CLI/CLI.hpp>

namespace csrflow::bench {
namespace {

constexpr double shortest = 0.1, longest = 3600;
constexpr unsigned fewest_requests = 10'000, most_requests = 10'000'000;
constexpr int usage_error = 2;

/// Beside this program, and the csrflow of the same build.
void set_default_places(std::filesystem::path& data, std::filesystem::path& program) {
  data = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  program = data.parent_path() / "csrflow";
}

void add_common(CLI::App& app, double& seconds, std::filesystem::path& data, std::filesystem::path& program) {
  app.add_option("--seconds", seconds, "How long each point is measured")
      ->check(CLI::Range(shortest, longest))
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--data", data,
                 "Where the databases go, in a new directory that is removed afterwards (default: beside "
                 "this program)")
      ->type_name("DIR");
  app.add_option("--program", program, "The csrflow that is measured over HTTPS (default: of the same build)")
      ->type_name("PATH");
}

void parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : usage_error);
  }
}

}  // namespace

Options options_of(int argc, char** argv) {
  Options options;
  set_default_places(options.data, options.program);
  double seconds = options.time.count();

  CLI::App app(
      "Measures the whole durable workflow (create, approve, sign, certificate read) beside what the "
      "hardware allows");
  app.footer("Example:\n  workflow --seconds 10 --only https --output json");
  add_common(app, seconds, options.data, options.program);
  std::string only, format = "table";
  app.add_option("--only", only, "One part alone: bound, in-process or https")
      ->check(CLI::IsMember({"bound", "in-process", "https"}))
      ->type_name("PART");
  app.add_option("-o,--output", format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  parse(app, argc, argv);
  options.time = Seconds(seconds);
  options.only = only == "bound"        ? Only::bound
                 : only == "in-process" ? Only::in_process
                 : only == "https"      ? Only::https
                                        : Only::everything;
  options.format = format == "json" ? Format::json : Format::table;
  return options;
}

ReadingOptions reading_options_of(int argc, char** argv) {
  ReadingOptions options;
  set_default_places(options.data, options.program);
  double seconds = options.time.count();
  CLI::App app(
      "Measures reads of a server that has many requests stored: start, GET, lists and their memory");
  app.footer("Example:\n  reading --seconds 10 --requests 100000");
  add_common(app, seconds, options.data, options.program);
  app.add_option("--requests", options.requests, "How many signed requests are stored")
      ->check(CLI::Range(fewest_requests, most_requests))
      ->capture_default_str()
      ->type_name("N");
  parse(app, argc, argv);
  options.time = Seconds(seconds);
  return options;
}

RotationOptions rotation_options_of(int argc, char** argv) {
  RotationOptions options;
  set_default_places(options.data, options.program);
  double seconds = options.time.count();
  CLI::App app(
      "Measures a server over many active certificates: its memory, the planning of their rotations, many at "
      "once, none, and a fleet's own pace a hundred times as fast");
  app.footer("Example:\n  rotation --certificates 20000 --seconds 10 --data bench-data");
  app.add_option("--seconds", seconds, "How long it idles, and how long the steady state is measured")
      ->check(CLI::Range(shortest, longest))
      ->capture_default_str()
      ->type_name("N");
  const CLI::Option* data =
      app.add_option("--data", options.data,
                     "Where the databases go; the certificates stay there for further runs, 9 kB each "
                     "(default: a new directory beside this program, removed afterwards)")
          ->type_name("DIR");
  app.add_option("--program", options.program, "The csrflow that is measured (default: of the same build)")
      ->type_name("PATH");
  app.add_option("--certificates", options.certificates, "How many are active")
      ->check(CLI::Range(fewest_requests, most_requests))
      ->capture_default_str()
      ->type_name("N");
  parse(app, argc, argv);
  options.time = Seconds(seconds);
  options.keep = data->count() > 0;
  return options;
}

}  // namespace csrflow::bench
