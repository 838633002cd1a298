// The file: {"servingDigest":…,"pendingDigest":…,"generation":…,"attempts":…,"failedAt":…,"problem":…,
// "unsent":{"request":…,"serial":…,"host":…,"place":…,"outcome":…,"step":…,"message":…,"at":…}}; what is
// empty is left out, times are RFC 3339.
#include "agent/notes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/files.hpp"

namespace csrflow::agent {
namespace {

using Json = nlohmann::json;
using Outcome = InstallationReport::Outcome;

constexpr std::size_t max_notes_bytes = 64 * 1024;
constexpr Outcome outcomes[] = {Outcome::installed, Outcome::failed, Outcome::rolled_back};

std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

engine::Timestamp time(const Json& object, const char* name) {
  return engine::parse_rfc3339(text(object, name)).value_or(engine::Timestamp{});
}

Json json_of(const UnsentReport& unsent) {
  const InstallationReport& report = unsent.report;
  return {{"request", unsent.request}, {"serial", report.serial.hex()},         {"host", report.host},
          {"place", report.place},     {"outcome", name_of(report.outcome)},    {"step", report.step},
          {"message", report.message}, {"at", engine::rfc3339_micro(report.at)}};
}

std::optional<UnsentReport> unsent_of(const Json& json) {
  const auto serial = engine::from_hex(text(json, "serial"));
  const auto outcome = text(json, "outcome");
  const auto known = std::ranges::find(outcomes, outcome, [](Outcome one) { return name_of(one); });
  if (!serial || known == std::end(outcomes)) return std::nullopt;
  return UnsentReport{.request = text(json, "request"),
                      .report = {.serial = {*serial},
                                 .host = text(json, "host"),
                                 .place = text(json, "place"),
                                 .outcome = *known,
                                 .step = text(json, "step"),
                                 .message = text(json, "message"),
                                 .at = time(json, "at")}};
}

}  // namespace

std::string to_json(const Notes& notes) {
  Json json{{"generation", notes.generation}};
  if (!notes.serving_digest.empty()) json["servingDigest"] = notes.serving_digest;
  if (!notes.pending_digest.empty()) json["pendingDigest"] = notes.pending_digest;
  if (notes.attempts != 0) {
    json["attempts"] = notes.attempts;
    json["failedAt"] = engine::rfc3339_micro(notes.failed_at);
  }
  if (!notes.problem.empty()) json["problem"] = notes.problem;
  if (notes.unsent) json["unsent"] = json_of(*notes.unsent);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Notes parse_notes(std::string_view text_of_notes) {
  const Json json = Json::parse(text_of_notes, nullptr, false);
  if (!json.is_object()) return {};
  Notes notes{.serving_digest = text(json, "servingDigest"),
              .pending_digest = text(json, "pendingDigest"),
              .generation = number(json, "generation"),
              .attempts = static_cast<std::uint32_t>(
                  std::clamp<std::int64_t>(number(json, "attempts"), 0, 1'000'000)),
              .failed_at = time(json, "failedAt"),
              .problem = text(json, "problem"),
              .unsent = {}};
  if (const auto unsent = json.find("unsent"); unsent != json.end() && unsent->is_object())
    notes.unsent = unsent_of(*unsent);
  return notes;
}

NoteBook::NoteBook(FileSystem& files, const std::filesystem::path& state)
    : files_(files), folder_([&] {
        files.make_directories(state / ".notes");
        return files.open_directory(state / ".notes");
      }()) {}

Notes NoteBook::read(const std::string& name) {
  const std::string file = name + ".json";
  if (!files_.facts(folder_, file)) return {};
  return parse_notes(read_file(files_, folder_, file, max_notes_bytes).view());
}

void NoteBook::write(const std::string& name, const Notes& notes) {
  const std::string under_way = "." + name + ".json";
  if (files_.facts(folder_, under_way)) files_.remove_file(folder_, under_way);
  write_file(files_, folder_, under_way, to_json(notes), {});
  files_.rename(folder_, under_way, name + ".json");
  files_.sync(folder_);
}

}  // namespace csrflow::agent
