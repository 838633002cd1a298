#include "notify/secret_file.hpp"

#include <sys/stat.h>

#include "tests/catch.hpp"
#include "tests/notify/news.hpp"

using namespace csrflow::notify;
using namespace csrflow::notify::test;

namespace {

std::string why_not(const std::string& path) {
  const auto secret = read_secret(path);
  return secret ? "" : secret.error();
}
bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a secret is its file without the line end") {
  const Folder folder;
  for (const char* text : {"pass phrase", "pass phrase\n", "pass phrase\r\n"})
    CHECK(read_secret(secret_in(folder, text))->view() == "pass phrase");
  CHECK(read_secret(secret_in(folder, "two\n\n"))->view() == "two\n");
  auto secret = read_secret(secret_in(folder, "first\r\nsecond\n"));
  secret->keep_first_line();
  CHECK(secret->view() == "first");
  CHECK(std::string(secret->c_str()) == "first");
}

TEST_CASE("a secret that everybody can reach is none") {
  const Folder folder;
  const std::string path = folder / "secret";
  for (const mode_t mode : {0644, 0604, 0602, 0601}) {
    put(path, "pass phrase", mode);
    CHECK(contains(why_not(path), "can be reached by everybody"));
    CHECK(contains(why_not(path), "chmod o= " + path));
    CHECK_FALSE(contains(why_not(path), "pass phrase"));
  }
  for (const mode_t mode : {0600, 0400, 0640, 0440}) {
    std::filesystem::permissions(path, std::filesystem::perms(0600));
    put(path, "pass phrase", mode);
    CHECK(why_not(path).empty());
  }
}

TEST_CASE("what is no secret file") {
  const Folder folder;
  const std::string fifo = folder / "fifo", directory = folder / "directory";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  std::filesystem::create_directory(directory);
  CHECK(contains(why_not(folder / "absent"), "cannot be read: No such file or directory"));
  CHECK(contains(why_not(fifo), "is not a regular file"));
  CHECK(contains(why_not(directory), "is not a regular file"));
  CHECK(contains(why_not(secret_in(folder, "")), "is empty"));
  CHECK(contains(why_not(secret_in(folder, "\n")), "is empty"));
  CHECK(contains(why_not(secret_in(folder, std::string("a\0b", 3))), "has a NUL byte in it"));
  CHECK(contains(why_not(secret_in(folder, std::string(max_secret_bytes + 1, 'x'))),
                 "is longer than 4096 bytes"));
  CHECK(why_not(secret_in(folder, std::string(max_secret_bytes, 'x'))).empty());
}
