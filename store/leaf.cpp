// Entry, version 1: UTF-8 lines `name value\n`, in this order, no other bytes:
//
//   csrflow/event/v1
//   position 42
//   stream csr/jane
//   version 3
//   type approved
//   schema 1
//   recorded_at 1790000000000000
//   context <64 hex>      SHA-256(salt ‖ 0x01 ‖ context bytes as stored)
//   data <64 hex>         SHA-256(salt ‖ 0x02 ‖ data bytes as stored)
//
// Numbers are decimal without sign or leading zeros; recorded_at is UTC microseconds; hex is lower case. The
// leaf's index in the tree is position − 1. Another format would be another first line.
#include "store/leaf.hpp"

#include "store/sha256.hpp"

namespace csrflow::store {
namespace {

using namespace std::string_view_literals;

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(1, ' ').append(value).append(1, '\n');
}

std::string hex(const engine::Sha256& hash) {
  constexpr auto digits = "0123456789abcdef"sv;
  std::string text;
  text.reserve(2 * hash.size());
  for (const auto byte : hash) text.append(1, digits[byte >> 4U]).append(1, digits[byte & 0xFU]);
  return text;
}

}  // namespace

engine::Sha256 hash_of_context(std::string_view salt, std::string_view context) {
  return sha256_of({salt, "\x01"sv, context});
}

engine::Sha256 hash_of_data(std::string_view salt, std::string_view data) {
  return sha256_of({salt, "\x02"sv, data});
}

std::string entry_text(const engine::StoredEvent& event) {
  std::string out = "csrflow/event/v1\n";
  append_line(out, "position", std::to_string(event.position.value));
  append_line(out, "stream", event.stream.text);
  append_line(out, "version", std::to_string(event.version.value));
  append_line(out, "type", event.type);
  append_line(out, "schema", std::to_string(event.schema));
  append_line(out, "recorded_at", std::to_string(event.recorded_at.microseconds));
  append_line(out, "context", hex(event.context_hash));
  append_line(out, "data", hex(event.data_hash));
  return out;
}

engine::Sha256 leaf_hash(std::string_view entry) {
  return sha256_of({"\x00"sv, entry});
}

}  // namespace csrflow::store
