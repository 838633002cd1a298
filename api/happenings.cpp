// The name of a happening is `<request>.<position of the log event, hexadecimal>`, its uid is made of the
// same; its version is that position. Happenings are about cluster-scoped objects and so in the namespace
// `default`.
#include "api/happenings.hpp"

#include <algorithm>
#include <charconv>

#include "api/digest.hpp"
#include "api/json_tree.hpp"
#include "api/schemas.hpp"
#include "engine/event.hpp"
#include "engine/json_writer.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::api {
namespace {

using engine::JsonObject;

constexpr std::string_view component = "csrflow";
constexpr std::string_view about_kind = "CertificateSigningRequest";
constexpr std::string_view about_version = "certificates.k8s.io/v1";

/// Core's involvedObject and events.k8s.io's regarding differ in their names only.
Resource describe_events(std::string group, const std::string& about, std::string schema_name,
                         std::string_view schemas, std::string zero_members) {
  return {.group = std::move(group),
          .version = "v1",
          .kind = "Event",
          .list_kind = "EventList",
          .plural = "events",
          .singular = "event",
          .short_names = {"ev"},
          .scope = Scope::namespaced,
          .verbs = {"get", "list", "watch"},
          .subresources = {},
          .columns = {{"Last Seen", "", "Time when this event was last observed"},
                      {"Type", "", "Type of this event (Normal, Warning)"},
                      {"Reason", "", "Why, in one word"},
                      {"Object", "", "The object that this event is about"},
                      {"Message", "", "What happened"}},
          .age_column = 0,
          .selectable_fields = {about + ".kind", about + ".namespace", about + ".name", about + ".uid",
                                about + ".apiVersion", about + ".resourceVersion", about + ".fieldPath",
                                "reason", "reportingComponent", "source", "type", "metadata.namespace"},
          .stream_category = {},
          .storage_version_hash = {},
          .schema_name = std::move(schema_name),
          .schemas = schemas,
          .zero_members = std::move(zero_members)};
}

bool is_core(const Resource& resource) {
  return resource.group.empty();
}
std::string about_member(const Resource& resource) {
  return is_core(resource) ? "involvedObject" : "regarding";
}

/// What is worth telling of a log event.
struct Told {
  std::string_view type;
  std::string reason, message, uid;
};

Told normal(std::string reason, std::string message, const engine::Uid& about) {
  return {"Normal", std::move(reason), std::move(message), about.text};
}
Told warning(std::string reason, std::string message, const engine::Uid& about) {
  return {"Warning", std::move(reason), std::move(message), about.text};
}

const std::vector<JsonValue>& items_of(const JsonValue* list) {
  static const std::vector<JsonValue> none;
  return list != nullptr ? list->items : none;
}

/// Those whose words fill places of the review that decides: `carol, dave`.
std::string speakers(const engine::Evaluated& e) {
  std::string names;
  const auto facts = parse_json(e.facts.text);
  const JsonValue* explanation = facts ? facts->find("explanation") : nullptr;
  if (explanation == nullptr) return names;
  for (const JsonValue& policy : items_of(explanation->find("policies"))) {
    const JsonValue* name = policy.find("name");
    if (name == nullptr || name->text != e.deciding.policy) continue;
    for (const JsonValue& demand : items_of(policy.find("demands")))
      for (const JsonValue& who : items_of(demand.find("has")))
        names += (names.empty() ? "" : ", ") + who.text;
  }
  return names;
}

/// `1 of 3: carol`, or for whom a request waits on which nobody has spoken.
Told told_of_review(const engine::Evaluated& e) {
  if (e.places.filled == 0) return normal("ReviewPending", e.sentence, e.uid);
  const std::string progress = std::to_string(e.places.filled) + " of " + std::to_string(e.places.all);
  const std::string names = speakers(e);
  return normal("Reviewed", names.empty() ? progress : progress + ": " + names, e.uid);
}

std::string what_is_due(const engine::RotationDue& e) {
  if (!e.successor.empty()) return "The certificate is due for renewal; " + e.successor + " succeeds it.";
  if (e.mode == "rekey")
    return "The certificate is due for rotation: its host makes a new key and a request that names this one "
           "as "
           "its predecessor.";
  return "The certificate is due for rotation, which csrflow leaves to whoever looks after it.";
}

/// `rotation-overdue` as an event's reason: `RotationOverdue`.
std::string reason_of(engine::Notable alert) {
  std::string reason;
  bool begins = true;
  for (const char c : engine::name_of(alert)) {
    if (c != '-') reason += begins ? static_cast<char>(c - 32) : c;
    begins = c == '-';
  }
  return reason;
}

std::optional<Told> told_of(const engine::CsrEvent& event) {
  return std::visit(
      engine::overloaded{
          [](const engine::Failed& e) -> std::optional<Told> { return warning(e.reason, e.message, e.uid); },
          [](const engine::Evaluated& e) -> std::optional<Told> {
            return e.verdict == engine::Verdict::waits ? told_of_review(e)
                                                       : normal("PolicyEvaluated", e.sentence, e.uid);
          },
          [](const engine::Approved& e) -> std::optional<Told> {
            if (e.judged.deciding.policy.empty()) return std::nullopt;
            return normal(e.reason, e.message, e.uid);
          },
          [](const engine::Denied& e) -> std::optional<Told> { return warning(e.reason, e.message, e.uid); },
          [](const engine::RotationDue& e) -> std::optional<Told> {
            return normal("RotationDue", what_is_due(e), e.uid);
          },
          [](const engine::Installed& e) -> std::optional<Told> {
            return normal("Installed", "On " + e.host + " at " + e.place + ".", e.uid);
          },
          [](const engine::InstallFailed& e) -> std::optional<Told> {
            return warning(e.rolled_back ? "RolledBack" : "InstallFailed",
                           "On " + e.host + " at " + e.place + ": " + e.step + ": " + e.message, e.uid);
          },
          [](const engine::Alerted& e) -> std::optional<Told> {
            return e.alert == engine::Notable::agent_back ? normal(reason_of(e.alert), e.message, e.uid)
                                                          : warning(reason_of(e.alert), e.message, e.uid);
          },
          [](const engine::RotationFailed& e) -> std::optional<Told> {
            return warning("RotationFailed", e.successor + ": " + e.message, e.uid);
          },
          [](const engine::Rotated& e) -> std::optional<Told> {
            return normal("Rotated", e.successor + " has a new certificate.", e.uid);
          },
          [](const auto&) -> std::optional<Told> { return std::nullopt; }},
      event);
}

/// Only these can tell something; the others need not be read.
bool may_tell(const engine::StoredEvent& event) {
  return event.stream.category() == "csr" && !event.data.empty() &&
         (event.type == "failed" || event.type == "evaluated" || event.type == "approved" ||
          event.type == "denied" || event.type == "rotation_due" || event.type == "rotation_failed" ||
          event.type == "rotated" || event.type == "installed" || event.type == "install_failed" ||
          event.type == "alerted");
}

/// What csrflow did, and what hosts report, who come through the API as users.
bool is_worth_telling(std::string_view type, const engine::Context& context) {
  return context.actor.by == engine::Authentication::system || type == "installed" ||
         type == "install_failed" || type == "alerted";
}

std::string hexadecimal(std::uint64_t number) {
  char text[17] = {};
  return {text, std::to_chars(text, text + 16, number, 16).ptr};
}

/// Where and when it stands in the log.
struct Place {
  const engine::StreamId& stream;
  engine::Position position;
  engine::Timestamp at;
};

engine::Uid uid_of(const Place& place) {
  const auto digest =
      sha256_bytes("happening\n" + std::to_string(place.position.value) + '\n' + place.stream.text);
  std::array<std::uint8_t, 16> bytes{};
  std::transform(digest.begin(), digest.begin() + bytes.size(), bytes.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return engine::make_uid(bytes);
}

void append_metadata(std::string& out, const engine::ObjectRow& row) {
  out += R"("metadata":)";
  JsonObject meta(out);
  meta.text("name", row.name);
  meta.text("namespace", "default");
  meta.text("uid", row.uid.text);
  meta.text("resourceVersion", std::to_string(row.resource_version.value));
  meta.text("creationTimestamp", engine::rfc3339_seconds(row.creation));
}

void append_about(std::string& out, const std::string& request, const Told& told) {
  JsonObject about(out);
  about.text("kind", about_kind);
  about.text("name", request);
  about.text("uid", told.uid);
  about.text("apiVersion", about_version);
}

void append_source(std::string& out) {
  JsonObject source(out);
  source.text("component", component);
}

/// The members after the metadata, in the order of each group's type.
std::string body_of(const Resource& resource, const std::string& request, const Told& told,
                    engine::Timestamp at) {
  const std::string second = engine::rfc3339_seconds(at);
  std::string out;
  {
    JsonObject body(out);
    if (is_core(resource)) {
      append_about(body.key("involvedObject"), request, told);
      body.text("reason", told.reason);
      body.text("message", told.message);
      append_source(body.key("source"));
      body.text("firstTimestamp", second);
      body.text("lastTimestamp", second);
      body.number("count", 1);
      body.text("type", told.type);
      body.key("eventTime") += "null";
      body.text("reportingComponent", component);
      body.text("reportingInstance", "");
    } else {
      body.text("eventTime", engine::rfc3339_micro(at));
      body.text("reportingController", component);
      body.text("reason", told.reason);
      append_about(body.key("regarding"), request, told);
      body.text("note", told.message);
      body.text("type", told.type);
      append_source(body.key("deprecatedSource"));
      body.text("deprecatedFirstTimestamp", second);
      body.text("deprecatedLastTimestamp", second);
      body.number("deprecatedCount", 1);
    }
  }
  return out.substr(1);
}

std::string cells_of(const std::string& request, const Told& told) {
  std::string out = "[null,";
  engine::append_json_string(out, told.type);
  for (const std::string& text : {told.reason, "certificatesigningrequest/" + request, told.message}) {
    out += ',';
    engine::append_json_string(out, text);
  }
  return out + ']';
}

engine::StringMap fields_of(const Resource& resource, const std::string& request, const Told& told) {
  const std::string about = about_member(resource);
  return {{about + ".kind", std::string(about_kind)},
          {about + ".name", request},
          {about + ".uid", told.uid},
          {about + ".apiVersion", std::string(about_version)},
          {about + ".namespace", ""},
          {about + ".resourceVersion", ""},
          {about + ".fieldPath", ""},
          {"reason", told.reason},
          {"reportingComponent", std::string(component)},
          {"source", std::string(component)},
          {"type", std::string(told.type)},
          {"metadata.namespace", "default"}};
}

engine::ObjectRow row_of(const Resource& resource, const Place& place, const Told& told) {
  const std::string request = place.stream.name();
  engine::ObjectRow row{.resource = resource.plural,
                        .name = request + '.' + hexadecimal(place.position.value),
                        .uid = uid_of(place),
                        .resource_version = place.position,
                        .creation = place.at.cut_to_seconds(),
                        .labels = {},
                        .fields = fields_of(resource, request, told),
                        .cells = cells_of(request, told),
                        .tail = {}};
  append_metadata(row.tail, row);
  row.metadata_bytes = row.tail.size();
  row.tail += ',' + body_of(resource, request, told, place.at);
  return row;
}

}  // namespace

const Resource& core_events() {
  static const Resource resource =
      describe_events("", "involvedObject", "io.k8s.api.core.v1.Event", core_event_schemas,
                      R"("involvedObject":{},"source":{},"firstTimestamp":null,"lastTimestamp":null,)"
                      R"("eventTime":null,"reportingComponent":"","reportingInstance":"")");
  return resource;
}

const Resource& grouped_events() {
  static const Resource resource =
      describe_events("events.k8s.io", "regarding", "io.k8s.api.events.v1.Event", event_schemas,
                      R"("eventTime":null,"regarding":{},"deprecatedSource":{},)"
                      R"("deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null)");
  return resource;
}

std::optional<engine::ObjectRow> happening(const Resource& resource, const engine::StoredEvent& event) {
  if (!may_tell(event) || !is_worth_telling(event.type, engine::decode_context(event.context)))
    return std::nullopt;
  const auto decoded = engine::decode(event);
  const auto* about_request = std::get_if<engine::CsrEvent>(&decoded);
  const auto told = about_request ? told_of(*about_request) : std::nullopt;
  if (!told) return std::nullopt;
  return row_of(resource, {event.stream, event.position, event.recorded_at}, *told);
}

std::optional<engine::ObjectRow> happening(const Resource& resource, const engine::Record& record) {
  const auto* about_request = record.csr_event();
  const auto told = about_request ? told_of(*about_request) : std::nullopt;
  if (!told || !is_worth_telling(engine::type_of(*record.event), *record.context)) return std::nullopt;
  return row_of(resource, {record.stamp.stream, record.stamp.position, record.stamp.recorded_at}, *told);
}

std::vector<engine::ObjectRow> happenings_of(const Resource& resource, engine::EventReader& reader,
                                             const std::string& request) {
  std::vector<engine::ObjectRow> rows;
  for (const auto& event : reader.stream(engine::csr_stream(request))) {
    if (auto row = happening(resource, event)) rows.push_back(std::move(*row));
  }
  return rows;
}

std::vector<engine::ObjectRow> happenings_between(const Resource& resource, engine::EventReader& reader,
                                                  engine::Position after, engine::Position until) {
  constexpr std::size_t at_once = 500;
  std::vector<engine::ObjectRow> rows;
  const std::uint64_t oldest = until.value > most_looked_at ? until.value - most_looked_at : 0;
  engine::Position position{std::max(after.value, oldest)};
  for (auto events = reader.after(position, at_once); !events.empty() && position < until;
       events = reader.after(position, at_once)) {
    for (const auto& event : events) {
      if (event.position > until) return rows;
      if (auto row = happening(resource, event)) rows.push_back(std::move(*row));
    }
    position = events.back().position;
  }
  return rows;
}

engine::Position last_before(engine::EventReader& reader, engine::Timestamp since) {
  std::uint64_t low = 0, high = reader.head().value;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto next = reader.after({middle}, 1);
    if (!next.empty() && next.front().recorded_at < since) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return {low};
}

std::optional<engine::Position> position_of_happening(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  std::uint64_t position = 0;
  const char* end = name.data() + name.size();
  const auto [read, error] = std::from_chars(name.data() + dot + 1, end, position, 16);
  if (error != std::errc() || read != end || position == 0) return std::nullopt;
  return engine::Position{position};
}

std::optional<engine::ObjectRow> happening_named(const Resource& resource, engine::EventReader& reader,
                                                 const std::string& name) {
  const auto position = position_of_happening(name);
  if (!position) return std::nullopt;
  const auto events = reader.after({position->value - 1}, 1);
  auto row = events.empty() ? std::nullopt : happening(resource, events.front());
  return row && row->name == name ? row : std::nullopt;
}

}  // namespace csrflow::api
