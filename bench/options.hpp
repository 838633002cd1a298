// What the command lines say.
#pragma once

#include <filesystem>

#include "bench/figures.hpp"

namespace csrflow::bench {

enum class Only { everything, bound, in_process, https };
enum class Format { table, json };

/// What the command line of `bench/workflow` says.
struct Options {
  Seconds time{5};  ///< of each point
  std::filesystem::path data, program;
  Only only = Only::everything;
  Format format = Format::table;
};

/// What the command line of `bench/reading` says.
struct ReadingOptions {
  Seconds time{5};              ///< of each point
  unsigned requests = 100'000;  ///< stored, about
  std::filesystem::path data, program;
};

/// What the command line of `bench/rotation` says.
struct RotationOptions {
  Seconds time{60};  ///< of idling, and of the steady state
  unsigned certificates = 1'000'000;
  bool keep = false;  ///< `data` was named: what is stored there is kept and used again
  std::filesystem::path data, program;
};

// Each ends the process after --help and for a wrong command line.
Options options_of(int argc, char** argv);
ReadingOptions reading_options_of(int argc, char** argv);
RotationOptions rotation_options_of(int argc, char** argv);

}  // namespace csrflow::bench
