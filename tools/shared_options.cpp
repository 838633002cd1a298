#include "tools/shared_options.hpp"

#include <CLI/CLI.hpp>

namespace csrflow::tools {

void add_output(CLI::App* command, Output& output) {
  command->add_option("-o,--output", output, "table or json (one object a line)")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Output>{{"table", Output::table}, {"json", Output::json}}))
      ->type_name("FORMAT");
}

}  // namespace csrflow::tools
