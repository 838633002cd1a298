// What the agent remembers of a certificate.
#include "agent/notes.hpp"

#include <stdlib.h>

#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

const Notes everything{.serving_digest = "a1",
                       .pending_digest = "b2",
                       .generation = 7,
                       .attempts = 3,
                       .failed_at = {1'772'366'400'123'456},
                       .problem = "web-1-0123456789ab was denied: \"no\"",
                       .unsent = UnsentReport{.request = "web-1-0123456789ab",
                                              .report = {.serial = {std::string("\x00\x81", 2)},
                                                         .host = "web-1",
                                                         .place = "/var/lib/csrflow-agent/web-1/current",
                                                         .outcome = InstallationReport::Outcome::rolled_back,
                                                         .step = "probe",
                                                         .message = "another certificate is served",
                                                         .at = {1'772'366'401'000'000}}}};

}  // namespace

TEST_CASE("notes are read as they were written") {
  CHECK(parse_notes(to_json(everything)) == everything);
  CHECK(parse_notes(to_json({})) == Notes{});
}

TEST_CASE("what is no note is none, and never a crash") {
  for (const auto* text : {"", "[]", "{", "7", R"({"attempts":"x","failedAt":7,"unsent":[]})",
                           R"({"unsent":{"serial":"0","outcome":"installed"}})",
                           R"({"unsent":{"serial":"00","outcome":"blessed"}})"})
    CHECK(parse_notes(text) == Notes{});
  CHECK(parse_notes(R"({"attempts":-5})").attempts == 0);
}

TEST_CASE("notes outlive the agent, and one that it did not finish is nothing") {
  std::string folder = std::filesystem::temp_directory_path() / "csrflow-notes-XXXXXX";
  REQUIRE(mkdtemp(folder.data()));
  {
    NoteBook book(system_files(), folder);
    CHECK(book.read("web-1") == Notes{});
    book.write("web-1", {.generation = 1});
    book.write("web-1", everything);
  }
  NoteBook book(system_files(), folder);
  CHECK(book.read("web-1") == everything);
  CHECK(book.read("web-2") == Notes{});
  std::filesystem::copy_file(folder + "/.notes/web-1.json", folder + "/.notes/.web-2.json");
  book.write("web-2", {.generation = 2});
  CHECK(book.read("web-2").generation == 2);
  std::filesystem::remove_all(folder);
}

}  // namespace csrflow::agent
