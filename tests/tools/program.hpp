// Runs the program as its user does.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/catch.hpp"

namespace csrflow::tools::test {

struct Ended {
  int code = -1;
  std::string text;  // stdout and stderr
};

/// Ends servers that start where they must not: a sentence comes at once.
inline Ended run(const std::string& arguments) {
  std::string command =
      "timeout 20 '" + std::string(std::getenv("CSRFLOW_PROGRAM")) + "' " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Ended ended;
  std::array<char, 4096> piece{};
  for (std::size_t n; (n = fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    ended.text.append(piece.data(), n);
  int status = pclose(pipe);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

inline bool says(const Ended& ended, const std::string& text) {
  return ended.text.find(text) != std::string::npos;
}

}  // namespace csrflow::tools::test
