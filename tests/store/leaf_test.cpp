#include "store/leaf.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/json_writer.hpp"
#include "store/sha256.hpp"
#include "tests/catch.hpp"

namespace csrflow::store {
namespace {

nlohmann::json vectors() {
  std::ifstream file(std::string(TEST_VECTORS) + "/entries.json");
  return nlohmann::json::parse(file).at("vectors");
}

std::string base64(const engine::Sha256& hash) {
  std::string out;
  engine::append_base64(out, {reinterpret_cast<const char*>(hash.data()), hash.size()});
  return out;
}

TEST_CASE("SHA-256 gives what FIPS 180 gives") {
  const auto hash = sha256("abc");
  CHECK(engine::to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()}) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of({"a", "", "bc"}) == hash);
}

TEST_CASE("entries and leaf hashes are those of the published vectors") {
  const auto all = vectors();
  REQUIRE(all.size() == 3);
  for (const auto& vector : all) {
    const auto salt = *engine::from_hex(vector.at("salt_hex").get<std::string>());
    engine::StoredEvent event;
    event.position = {vector.at("position").get<std::uint64_t>()};
    event.stream = {vector.at("stream").get<std::string>()};
    event.version = {vector.at("version").get<std::uint64_t>()};
    event.type = vector.at("type").get<std::string>();
    event.schema = vector.at("schema").get<std::uint32_t>();
    event.recorded_at = {vector.at("recorded_at").get<std::int64_t>()};
    event.context_hash = hash_of_context(salt, vector.at("context").get<std::string>());
    event.data_hash = hash_of_data(salt, vector.at("data").get<std::string>());
    CHECK(entry_text(event) == vector.at("entry").get<std::string>());
    CHECK(base64(leaf_hash(entry_text(event))) == vector.at("leaf_hash").get<std::string>());
  }
}

}  // namespace
}  // namespace csrflow::store
