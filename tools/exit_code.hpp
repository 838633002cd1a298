// How csrflow ends, for scripts; `csrflow --help` lists them.
#pragma once

namespace csrflow::tools {

enum class ExitCode {
  done = 0,
  failed = 1,     ///< anything without a code of its own
  usage = 2,      ///< the command line cannot be understood
  not_found = 3,  ///< no such request, no such directory
  not_equal = 5,  ///< replay: a view differs from the log; policy diff: two versions differ
  log_failed = 6  ///< the log could not be written; what is durable is whole
};

}  // namespace csrflow::tools
