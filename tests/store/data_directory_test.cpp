#include "store/data_directory.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "store/error.hpp"
#include "tests/catch.hpp"
#include "tests/store/temporary_directory.hpp"

namespace csrflow::store {
namespace {

using Catch::Matchers::Contains;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 0777U;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a data directory is made for its owner only") {
  const test::TemporaryDirectory temporary;
  const DataDirectory directory(temporary.path() / "data");
  CHECK(mode_of(temporary.path() / "data") == 0700);
}

TEST_CASE("a second server is kept out and told by whom") {
  const test::TemporaryDirectory temporary;
  const DataDirectory first(temporary.path());
  CHECK_THROWS_WITH(DataDirectory(temporary.path()),
                    Contains("in use") && Contains("process " + std::to_string(::getpid())));
}

TEST_CASE("the lock goes with its holder") {
  const test::TemporaryDirectory temporary;
  { const DataDirectory first(temporary.path()); }
  CHECK_NOTHROW(DataDirectory(temporary.path()));
}

TEST_CASE("a directory that is not there is made only when asked") {
  const test::TemporaryDirectory temporary;
  CHECK_THROWS_WITH(DataDirectory(temporary.path() / "none", {.create = false}),
                    Contains("no data directory"));
  CHECK_FALSE(std::filesystem::exists(temporary.path() / "none"));
}

TEST_CASE("a file is not a data directory") {
  const test::TemporaryDirectory temporary;
  write_file_atomically(temporary.path() / "file", "x");
  CHECK_THROWS_WITH(DataDirectory(temporary.path() / "file"), Contains("not a directory"));
}

TEST_CASE("a file written atomically has its bytes and its mode, and leaves nothing beside it") {
  const test::TemporaryDirectory temporary;
  const auto path = temporary.path() / "key.pem";
  write_file_atomically(path, "old", 0644);
  write_file_atomically(path, "new", 0600);
  CHECK(content(path) == "new");
  CHECK(mode_of(path) == 0600);
  const std::filesystem::directory_iterator files(temporary.path());
  CHECK(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE("a file that cannot be written leaves the old one") {
  const test::TemporaryDirectory temporary;
  CHECK_THROWS_AS(write_file_atomically(temporary.path() / "none" / "file", "x"), StoreError);
  std::filesystem::create_directory(temporary.path() / "taken");
  CHECK_THROWS_AS(write_file_atomically(temporary.path() / "taken", "x"), StoreError);
  CHECK_FALSE(std::filesystem::exists(temporary.path() / "taken.new"));
}

}  // namespace
}  // namespace csrflow::store
