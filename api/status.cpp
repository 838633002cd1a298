// A Status on the wire:
// {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":…,"reason":…,
// "details":{"name":…,"group":…,"kind":…,"uid":…,"causes":[{"reason":…,"message":…,"field":…}],
// "retryAfterSeconds":…},"code":…}; absent members are left out.
#include "api/status.hpp"

#include <array>
#include <set>

#include "engine/json_writer.hpp"

namespace csrflow::api {

using engine::JsonObject;

namespace {

struct TypeWords {
  std::string_view words, reason;
  bool shows_value;
};

const TypeWords& words_of(FieldErrorType type) {
  static constexpr std::array<TypeWords, 10> table{{
      {"Not found", "FieldValueNotFound", true},
      {"Required value", "FieldValueRequired", false},
      {"Duplicate value", "FieldValueDuplicate", true},
      {"Invalid value", "FieldValueInvalid", true},
      {"Unsupported value", "FieldValueNotSupported", true},
      {"Forbidden", "FieldValueForbidden", false},
      {"Too long", "FieldValueTooLong", false},
      {"Too many", "FieldValueTooMany", true},
      {"Internal error", "InternalError", false},
      {"Invalid value", "FieldValueTypeInvalid", true},
  }};
  return table.at(static_cast<std::size_t>(type));
}

void append_details(std::string& out, const StatusDetails& details) {
  JsonObject object(out);
  object.text_if("name", details.name);
  object.text_if("group", details.group);
  object.text_if("kind", details.kind);
  object.text_if("uid", details.uid);
  if (!details.causes.empty()) {
    object.key("causes") += '[';
    bool first = true;
    for (const StatusCause& cause : details.causes) {
      if (!first) out += ',';
      first = false;
      JsonObject item(out);
      item.text_if("reason", cause.reason);
      item.text_if("message", cause.message);
      item.text_if("field", cause.field);
    }
    out += ']';
  }
  if (details.retry_after_seconds != 0) object.number("retryAfterSeconds", details.retry_after_seconds);
}

}  // namespace

std::string FieldError::body() const {
  const TypeWords& words = words_of(type);
  std::string text(words.words);
  if (words.shows_value) text += ": " + value;
  if (!detail.empty()) text += ": " + detail;
  return text;
}

std::string_view FieldError::reason() const {
  return words_of(type).reason;
}

namespace field {

FieldError required(std::string path, std::string detail) {
  return {FieldErrorType::required, std::move(path), {}, std::move(detail)};
}
FieldError invalid(std::string path, std::string_view value, std::string detail) {
  return {FieldErrorType::invalid, std::move(path), go_quote(value), std::move(detail)};
}
FieldError invalid_printed(std::string path, std::string printed, std::string detail) {
  return {FieldErrorType::invalid, std::move(path), std::move(printed), std::move(detail)};
}
FieldError duplicate(std::string path, std::string_view value) {
  return {FieldErrorType::duplicate, std::move(path), go_quote(value), {}};
}
FieldError forbidden(std::string path, std::string detail) {
  return {FieldErrorType::forbidden, std::move(path), {}, std::move(detail)};
}
FieldError too_long(std::string path, std::size_t max_bytes) {
  return {FieldErrorType::too_long,
          std::move(path),
          {},
          "may not be more than " + std::to_string(max_bytes) + " bytes"};
}
FieldError not_supported(std::string path, std::string printed, const std::vector<std::string>& supported) {
  std::string detail = "supported values: ";
  for (const std::string& value : supported) {
    if (&value != &supported.front()) detail += ", ";
    detail += go_quote(value);
  }
  return {FieldErrorType::not_supported, std::move(path), std::move(printed), std::move(detail)};
}

}  // namespace field

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Status::json() const {
  std::string out;
  out.reserve(256 + message.size());
  {
    JsonObject object(out);
    object.text("kind", "Status");
    object.text("apiVersion", "v1");
    object.key("metadata") += "{}";
    object.text("status", success ? "Success" : "Failure");
    object.text_if("message", message);
    object.text_if("reason", reason);
    if (details) append_details(object.key("details"), *details);
    if (!success) object.number("code", code);
  }
  return out;
}

std::string GroupName::text() const {
  return group.empty() ? name : name + '.' + group;
}

namespace status {

namespace {

StatusDetails details_of(const GroupName& resource, const std::string& name) {
  return {.name = name, .group = resource.group, .kind = resource.name, .uid = {}, .causes = {}};
}
std::string named(const GroupName& resource, const std::string& name) {
  return resource.text() + ' ' + go_quote(name);
}

}  // namespace

Status bad_request(std::string message) {
  return {400, "BadRequest", std::move(message), std::nullopt};
}

Status unauthorized() {
  return {401, "Unauthorized", "Unauthorized", std::nullopt};
}

Status unauthorized(std::string why) {
  return {401, "Unauthorized", std::move(why), std::nullopt};
}

Status forbidden(const GroupName& resource, const std::string& name, const std::string& why) {
  const std::string subject = name.empty() ? resource.text() : named(resource, name);
  return {403, "Forbidden", subject + " is forbidden: " + escape_html(why), details_of(resource, name)};
}

Status forbidden_resource(const GroupName& resource, const std::string& subresource, const std::string& name,
                          const std::string& namespace_name, const std::string& user, const std::string& verb,
                          const std::string& evaluation_problem) {
  std::string why = "User " + go_quote(user) + " cannot " + verb + " resource \"" + resource.name;
  if (!subresource.empty()) why += '/' + subresource;
  why += "\" in API group \"" + resource.group + "\" ";
  why += namespace_name.empty() ? "at the cluster scope" : "in the namespace " + go_quote(namespace_name);
  if (!evaluation_problem.empty()) why += ": " + evaluation_problem;
  return forbidden(resource, name, why);
}

Status forbidden_path(const std::string& user, const std::string& verb, const std::string& path,
                      const std::string& evaluation_problem) {
  std::string why = "User " + go_quote(user) + " cannot " + verb + " path " + go_quote(path);
  if (!evaluation_problem.empty()) why += ": " + evaluation_problem;
  return {403, "Forbidden", escape_html("forbidden: " + why), StatusDetails{}};
}

Status no_such_resource() {
  return {404, "NotFound", "the server could not find the requested resource", StatusDetails{}};
}
Status not_found(const GroupName& resource, const std::string& name) {
  return {404, "NotFound", named(resource, name) + " not found", details_of(resource, name)};
}
Status method_not_allowed() {
  return {405, "MethodNotAllowed", "the server does not allow this method on the requested resource",
          StatusDetails{}};
}
Status already_exists(const GroupName& resource, const std::string& name) {
  return {409, "AlreadyExists", named(resource, name) + " already exists", details_of(resource, name)};
}
Status still_terminating(const GroupName& resource, const std::string& name) {
  Status status = already_exists(resource, name);
  status.message.insert(0, "object is being deleted: ");
  return status;
}
Status generated_name_taken(const GroupName& resource, const std::string& name) {
  Status status = already_exists(resource, name);
  status.message += ", the server was not able to generate a unique name for the object";
  status.details->retry_after_seconds = 1;
  return status;
}
Status conflict(const GroupName& resource, const std::string& name, const std::string& why) {
  return {409, "Conflict", "Operation cannot be fulfilled on " + named(resource, name) + ": " + why,
          details_of(resource, name)};
}
Status already_replaced(const GroupName& resource, const std::string& name, const std::string& why) {
  return {409, "AlreadyReplaced", why, details_of(resource, name)};
}
Status modified(const GroupName& resource, const std::string& name) {
  return conflict(
      resource, name,
      "the object has been modified; please apply your changes to the latest version and try again");
}
Status uid_precondition(const GroupName& kind, const std::string& name, const std::string& sent,
                        const std::string& found) {
  return conflict(kind, name,
                  "the UID in the precondition (" + sent + ") does not match the UID in record (" + found +
                      "). The object might have been deleted and then recreated");
}
Status version_precondition(const GroupName& kind, const std::string& name, const std::string& sent,
                            const std::string& found) {
  return conflict(kind, name,
                  "the ResourceVersion in the precondition (" + sent +
                      ") does not match the ResourceVersion in record (" + found +
                      "). The object might have been modified");
}
Status uid_conflict(const GroupName& resource, const std::string& name, const std::string& sent,
                    const std::string& found) {
  return conflict(resource, name,
                  "StorageError: invalid object, Code: 4, Key: /registry/" + resource.name + '/' + name +
                      ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: " +
                      sent + ", UID in object meta: " + found);
}

Status invalid(const GroupName& kind, const std::string& name, const FieldErrors& errors) {
  Status status{422, "Invalid", named(kind, name) + " is invalid: ", details_of(kind, name)};
  std::vector<std::string> texts;  // each once, in order
  std::set<std::string> seen;
  for (const FieldError& error : errors) {
    status.details->causes.push_back({std::string(error.reason()), error.body(), error.field});
    std::string text = error.field + ": " + error.body();
    if (seen.insert(text).second) texts.push_back(std::move(text));
  }
  if (texts.size() == 1) {
    status.message += texts.front();
  } else {
    status.message += '[';
    for (std::size_t i = 0; i < texts.size(); ++i) status.message += (i == 0 ? "" : ", ") + texts[i];
    status.message += ']';
  }
  return status;
}

Status unprocessable() {
  return {422, "Invalid", "the server rejected our request due to an error in our request", StatusDetails{}};
}
Status too_large(std::size_t limit_bytes) {
  return {413, "RequestEntityTooLarge", "Request entity too large: limit is " + std::to_string(limit_bytes),
          std::nullopt};
}
Status unsupported_media_type() {
  return {
      415, "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: application/json, "
      "application/yaml, application/vnd.kubernetes.protobuf",
      std::nullopt};
}
Status unsupported_patch_type() {
  return {415, "UnsupportedMediaType", "415: Unsupported Media Type", StatusDetails{}};
}
Status plain_error(std::string message) {
  return {500, {}, std::move(message), std::nullopt};
}
Status internal(const std::string& message) {
  Status status{500, "InternalError", "Internal error occurred: " + message, StatusDetails{}};
  status.details->causes.push_back({{}, message, {}});
  return status;
}
Status unavailable(const std::string& message) {
  return {503, "ServiceUnavailable", message, std::nullopt};
}
Status disk_full(const std::string& message) {
  return {507, "InsufficientStorage", message, std::nullopt};
}

Status too_large_resource_version(engine::Position asked, engine::Position current) {
  Status status{504, "Timeout",
                "Timeout: Too large resource version: " + std::to_string(asked.value) +
                    ", current: " + std::to_string(current.value),
                StatusDetails{}};
  status.details->causes.push_back({"ResourceVersionTooLarge", "Too large resource version", {}});
  status.details->retry_after_seconds = 1;
  return status;
}
Status deleted(const GroupName& resource, const std::string& name, const engine::Uid& uid) {
  Status status{200, {}, {}, details_of(resource, name), true};
  status.details->uid = uid.text;
  return status;
}

}  // namespace status
}  // namespace csrflow::api
