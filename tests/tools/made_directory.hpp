// A data directory of a test's own.
#pragma once

#include <filesystem>
#include <fstream>

#include "tests/tools/program.hpp"

namespace csrflow::tools::test {

namespace fs = std::filesystem;

/// A directory that `csrflow init` made, in a directory of its own.
class Made {
 public:
  Made() {
    std::string base = fs::temp_directory_path() / "csrflow-cli-XXXXXX";
    root_ = mkdtemp(base.data());
    REQUIRE(run("init --log-level error --data " + data().string()).code == 0);
  }
  ~Made() { fs::remove_all(root_); }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  fs::path data() const { return root_ / "ca"; }
  Ended serve(const std::string& more = "") const {
    return run("serve --listen 127.0.0.1:0 --data " + data().string() + " " + more);
  }

 private:
  fs::path root_;
};

inline void overwrite(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

}  // namespace csrflow::tools::test
