#include "agent/request_object.hpp"

#include <nlohmann/json.hpp>

#include "engine/base64.hpp"

namespace csrflow::agent {
namespace {

using Json = nlohmann::json;

constexpr std::string_view issued_at_annotation = "csrflow.io/issued-at";

std::string base64(std::string_view bytes) {
  std::string text;
  engine::append_base64(text, bytes);
  return text;
}

/// Bytes that are no UTF-8, as a hook may write them, become U+FFFD.
std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json parsed(std::string_view text) {
  return Json::parse(text, nullptr, false);
}

const Json& member(const Json& object, const std::string& name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text(const Json& object, const std::string& name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

std::string bytes(const Json& object, const std::string& name) {
  return engine::decode_base64(text(object, name), engine::LineBreaks::ignored).value_or("");
}

void read_conditions(const Json& conditions, RequestObject& found) {
  if (!conditions.is_array()) return;
  for (const auto& condition : conditions) {
    if (text(condition, "status") == "False" || text(condition, "status") == "Unknown") continue;
    const std::string type = text(condition, "type"), message = text(condition, "message");
    const std::string why = text(condition, "reason") + (message.empty() ? "" : ": " + message);
    if (type == "Approved") found.approved = true;
    if (type == "Denied") found.denied = why;
    if (type == "Failed") found.failed = why;
    if (type == "RotationDue") found.rotation_due = true;
  }
}

std::expected<RequestObject, std::string> object_of(const Json& json) {
  const Json& metadata = member(json, "metadata");
  RequestObject found;
  found.name = text(metadata, "name");
  found.version = text(metadata, "resourceVersion");
  if (found.name.empty()) return std::unexpected("the server's answer is no CertificateSigningRequest");
  found.request = bytes(member(json, "spec"), "request");
  const Json& status = member(json, "status");
  read_conditions(member(status, "conditions"), found);
  found.certificate = bytes(status, "certificate");
  const std::string issued = text(member(metadata, "annotations"), std::string(issued_at_annotation));
  if (const auto at = engine::parse_rfc3339(issued)) found.issued_at = *at;
  return found;
}

}  // namespace

std::string_view name_of(InstallationReport::Outcome outcome) {
  constexpr std::string_view words[] = {"installed", "failed", "rolled-back"};
  return words[static_cast<std::size_t>(outcome)];
}

std::string json_of(const NewRequest& wanted) {
  Json metadata{{"name", wanted.name}};
  for (const auto& [name, value] : wanted.labels) metadata["labels"][name] = value;
  if (!wanted.host.empty()) metadata["labels"][std::string(agent_label)] = wanted.host;
  if (!wanted.predecessor.empty())
    metadata["annotations"][std::string(predecessor_annotation)] = wanted.predecessor;
  Json spec{
      {"signerName", wanted.signer.text}, {"request", base64(wanted.request)}, {"usages", wanted.usages}};
  if (wanted.lifetime) spec["expirationSeconds"] = wanted.lifetime->microseconds / 1'000'000;
  return dumped(Json{{"apiVersion", "certificates.k8s.io/v1"},
                     {"kind", "CertificateSigningRequest"},
                     {"metadata", metadata},
                     {"spec", spec}});
}

std::string json_of(const InstallationReport& report) {
  Json spec{{"serial", report.serial.hex()},
            {"host", report.host},
            {"place", report.place},
            {"outcome", name_of(report.outcome)},
            {"at", engine::rfc3339_seconds(report.at)}};
  if (!report.step.empty()) spec["step"] = report.step;
  if (!report.message.empty()) spec["message"] = report.message.substr(0, max_report_message);
  return dumped(
      Json{{"apiVersion", "csrflow.io/v1"}, {"kind", "InstallationReport"}, {"spec", std::move(spec)}});
}

std::string json_of(const RekeyRequest& rekey) {
  return dumped(Json{
      {"apiVersion", "csrflow.io/v1"},
      {"kind", "Rekey"},
      {"spec",
       {{"name", rekey.name}, {"request", base64(rekey.request)}, {"signature", base64(rekey.signature)}}}});
}

std::expected<RequestObject, std::string> read_request_object(std::string_view json) {
  return object_of(parsed(json));
}

std::expected<RequestList, std::string> read_request_list(std::string_view json) {
  const Json list = parsed(json);
  if (!member(list, "metadata").is_object()) return std::unexpected("the server's answer is no list");
  RequestList found{.items = {}, .version = text(member(list, "metadata"), "resourceVersion")};
  const Json& items = member(list, "items");
  if (!items.is_array()) return found;
  for (const auto& item : items) {
    auto object = object_of(item);
    if (!object) return std::unexpected(object.error());
    found.items.push_back(std::move(*object));
  }
  return found;
}

std::expected<RequestChange, std::string> read_request_change(std::string_view line) {
  const Json json = parsed(line);
  const std::string type = text(json, "type");
  const Json& object = member(json, "object");
  if (type == "ERROR") {
    const Json& code = member(object, "code");
    return RequestChange{.kind = RequestChange::Kind::error,
                         .object = {},
                         .code = code.is_number_unsigned() ? code.get<unsigned>() : 0,
                         .message = text(object, "message")};
  }
  if (type == "BOOKMARK")
    return RequestChange{
        .kind = RequestChange::Kind::bookmark,
        .object = {.name = {}, .version = text(member(object, "metadata"), "resourceVersion")}};
  if (type != "ADDED" && type != "MODIFIED" && type != "DELETED")
    return std::unexpected("a line of the watch is no event");
  auto read = object_of(object);
  if (!read) return std::unexpected(read.error());
  return RequestChange{
      .kind = type == "DELETED" ? RequestChange::Kind::deleted : RequestChange::Kind::changed,
      .object = std::move(*read)};
}

std::string status_message(std::string_view json) {
  return text(parsed(json), "message");
}

std::expected<engine::Bytes, std::string> read_trust_bundles(std::string_view json) {
  const Json list = parsed(json);
  const Json& items = member(list, "items");
  if (!items.is_array()) return std::unexpected("the server's answer is no list of trust bundles");
  engine::Bytes pem;
  for (const auto& item : items) pem += text(member(item, "spec"), "trustBundle");
  return pem;
}

}  // namespace csrflow::agent
