// What the command line of `bench/workflow` says.
#pragma once

#include <filesystem>

#include "bench/figures.hpp"

namespace csrflow::bench {

enum class Only { everything, bound, in_process, https };
enum class Format { table, json };

struct Options {
  Seconds time{5};  ///< of each point
  std::filesystem::path data, program;
  Only only = Only::everything;
  Format format = Format::table;
};

/// Ends the process after --help and for a wrong command line.
Options options_of(int argc, char** argv);

}  // namespace csrflow::bench
