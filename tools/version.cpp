#include <openssl/crypto.h>
#include <sqlite3.h>

#include <iostream>

#include "engine/json_writer.hpp"
#include "tools/commands.hpp"

namespace csrflow::tools {

std::string program_name() {
  return "csrflow " CSRFLOW_VERSION;
}

ExitCode version(Output output) {
  if (output == Output::json) {
    std::string out;
    {
      engine::JsonObject object(out);
      object.text("csrflow", CSRFLOW_VERSION);
      object.text("sqlite", sqlite3_libversion());
      object.text("openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
    }
    std::cout << out << '\n';
  } else {
    std::cout << program_name() << " (SQLite " << sqlite3_libversion() << ", OpenSSL "
              << OpenSSL_version(OPENSSL_VERSION_STRING) << ")\n";
  }
  return ExitCode::done;
}

}  // namespace csrflow::tools
