// meta.json, one object:
//   serial        lower-case hex of the INTEGER's content
//   notBefore, notAfter, issuedAt, installedAt    RFC 3339, UTC, microseconds
//   request       name of the CertificateSigningRequest
//   generation    the count of requests for this certificate
//   replaces      the version before; absent in the first
#include "agent/version.hpp"

#include <algorithm>

#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::agent {
namespace {

engine::Timestamp time_of(engine::JsonReader& reader) {
  const auto time = engine::parse_rfc3339(reader.text());
  if (!time) reader.fail(time.error());
  return *time;
}

}  // namespace

std::string version_name(const VersionFacts& facts) {
  std::string time = engine::rfc3339_seconds(facts.installed_at);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return time + "-" + facts.serial.hex();
}

std::string to_json(const VersionFacts& facts) {
  std::string text;
  {
    engine::JsonObject object(text);
    object.text("serial", facts.serial.hex());
    object.text("notBefore", engine::rfc3339_micro(facts.not_before));
    object.text("notAfter", engine::rfc3339_micro(facts.not_after));
    object.text("issuedAt", engine::rfc3339_micro(facts.issued_at));
    object.text("installedAt", engine::rfc3339_micro(facts.installed_at));
    object.text("request", facts.request);
    object.number("generation", facts.generation);
    object.text_if("replaces", facts.replaces);
  }
  return text + "\n";
}

std::expected<VersionFacts, std::string> parse_version_facts(std::string_view json) {
  VersionFacts facts;
  try {
    engine::JsonReader reader(json);
    reader.object([&](std::string_view member) {
      if (member == "serial") {
        auto content = engine::from_hex(reader.text());
        if (!content) reader.fail(content.error());
        facts.serial.content = std::move(*content);
      } else if (member == "notBefore") {
        facts.not_before = time_of(reader);
      } else if (member == "notAfter") {
        facts.not_after = time_of(reader);
      } else if (member == "issuedAt") {
        facts.issued_at = time_of(reader);
      } else if (member == "installedAt") {
        facts.installed_at = time_of(reader);
      } else if (member == "request") {
        facts.request = reader.text();
      } else if (member == "generation") {
        facts.generation = reader.integer();
      } else if (member == "replaces") {
        facts.replaces = reader.text();
      }
    });
  } catch (const engine::MalformedJson& error) {
    return std::unexpected(error.what());
  }
  if (facts.serial.content.empty()) return std::unexpected("says no serial number");
  return facts;
}

}  // namespace csrflow::agent
