#include "tools/shared_options.hpp"

#include <CLI/CLI.hpp>

namespace csrflow::tools {

void add_output(CLI::App* command, Output& output) {
  command->add_option("-o,--output", output, "table or json (one object a line)")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Output>{{"table", Output::table}, {"json", Output::json}}))
      ->type_name("FORMAT");
}

void add_access(CLI::App* command, ServerAccess& access) {
  command
      ->add_option("--kubeconfig", access.kubeconfig,
                   "How to reach the server and as whom (default: the data directory's, else $KUBECONFIG)")
      ->type_name("FILE");
  command->add_option("--data", access.data, "Use the admin.kubeconfig of this data directory")
      ->envname("CSRFLOW_DATA")
      ->type_name("DIR");
}

}  // namespace csrflow::tools
